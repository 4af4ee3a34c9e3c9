import { userInfo } from "node:os";
import type { ClusterConfig } from "../../../provision/config/cluster_config.ts";
import type { NodeRecord } from "../../../provision/planning/state.ts";
import type { ConnectTarget, Provider } from "../../../provision/providers/provider.ts";
import { resolveSshHosts } from "../../../provision/providers/ssh_hosts.ts";
import type { SshTarget } from "../../../provision/ssh/connect_ssh.ts";
import type { Host } from "../../../provision/ssh/host.ts";
import { type AwayKeeper, noteAway, startAway } from "./away_keeper.ts";
import { type ClusterFolder, readClusterState } from "./cluster_folder.ts";
import { MIRRORED_FILES } from "./mirrored_files.ts";

/** Lets the keeper run on a node from now on: sends what it needs, and starts it there. The one here must have ended.
 * @param codeHash of the code that its nodes have
 * @returns where it is
 * @throws {HostError} when the node cannot be reached */
export async function handOver(
  folder: ClusterFolder,
  provider: Provider,
  codeHash: string,
): Promise<AwayKeeper> {
  const signal = AbortSignal.timeout(120_000);
  const target = targetOf(headNode(folder));
  await using host = await provider.connect(target, signal);
  const layout = await provider.layout(target, host);
  const dir = `${layout.dir}/keeper`;
  const away = { target, dir, command: commandFor(layout.dir, dir, codeHash) };
  for (const { name } of MIRRORED_FILES) {
    await send(host, `${dir}/${name}`, await Deno.readFile(`${folder.dir}/${name}`));
  }
  const user = { home: userInfo().homedir, name: userInfo().username };
  const targets = await resolveSshHosts(folder.config.ssh, user);
  for (const [name, text] of Object.entries(portableFiles(folder.config, targets, dir))) {
    await send(host, `${dir}/${name}`, new TextEncoder().encode(text));
  }
  // From here on two would keep it, if this were not the first thing that the next one reads.
  await noteAway(folder, away);
  await startAway(host, away);
  return away;
}

/** The last one that would be ended if there were too many. */
function headNode(folder: ClusterFolder): NodeRecord {
  const ready = [...readClusterState(folder).nodes.values()].filter(({ phase }) =>
    phase === "ready"
  );
  if (ready.length === 0) throw new Error("Cannot hand the keeper over: no node is ready");
  return ready.reduce((first, node) => node.nodeId < first.nodeId ? node : first);
}

function targetOf({ nodeId, machineId, launchId, address }: NodeRecord): ConnectTarget {
  if (machineId === undefined || address === undefined) {
    throw new Error(`Cannot hand the keeper over to ${nodeId}: it has no machine or no address`);
  }
  return { nodeId, machineId, launchId, address };
}

function commandFor(nodeDir: string, dir: string, codeHash: string): string[] {
  const code = `${nodeDir}/code/${codeHash}`;
  return [
    ...[`${nodeDir}/bin/deno`, "run", "--quiet", "--no-prompt", "--node-modules-dir=none"],
    ...["--allow-all", "--config", `${code}/deno.json`, `${code}/src/cli/cluster_keeper.ts`],
    ...["--file", `${dir}/cluster.jsonc`, "--dir", dir],
  ];
}

/** The configuration as it holds there: what it took from the user's files lies beside it.
 * @returns texts by name */
function portableFiles(
  config: ClusterConfig,
  targets: readonly SshTarget[],
  dir: string,
): Record<string, string> {
  const files: Record<string, string> = {};
  const hosts = targets.map(({ name, port, user }) => ({ host: name, port, user }));
  files["keys/ssh_config"] = targets.map(({ name, hostname, privateKeys }, i) => {
    const identities = privateKeys.map((key, k) => {
      files[`keys/identity-${i}-${k}`] = key;
      return `  IdentityFile ${dir}/keys/identity-${i}-${k}\n`;
    });
    return `Host ${name}\n  HostName ${hostname}\n${identities.join("")}`;
  }).join("");
  files["keys/known_hosts"] = targets.flatMap(({ hostname, port, hostKeys }) =>
    hostKeys.map((key) => `${port === 22 ? hostname : `[${hostname}]:${port}`} ${key}\n`)
  ).join("");
  const ssh = {
    hosts,
    config_file: `${dir}/keys/ssh_config`,
    known_hosts: `${dir}/keys/known_hosts`,
  };
  // There, its keeper is at home.
  files["cluster.jsonc"] = JSON.stringify({ ...config, head: "local", ssh });
  return files;
}

async function send(host: Host, path: string, data: Uint8Array): Promise<void> {
  await host.upload(data, path, { mode: 0o600 });
}
