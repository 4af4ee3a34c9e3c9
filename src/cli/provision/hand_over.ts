import { userInfo } from "node:os";
import type { ClusterConfig } from "../../../provision/config/cluster_config.ts";
import { nodeForHead } from "../../../provision/planning/head_node.ts";
import type { NodeRecord } from "../../../provision/planning/state.ts";
import type { ConnectTarget, Provider } from "../../../provision/providers/provider.ts";
import { resolveSshHosts } from "../../../provision/providers/ssh_hosts.ts";
import type { Host } from "../../../provision/ssh/host.ts";
import { type AwayKeeper, noteAway, startAway } from "./away_keeper.ts";
import { type ClusterFolder, readClusterState } from "./cluster_folder.ts";
import { clusterFiles } from "./mirrored_files.ts";

/** Where AWS is, not who we are: credentials go nowhere. */
const AWS_SETTINGS = [
  "AWS_ENDPOINT_URL",
  "AWS_USE_FIPS_ENDPOINT",
  "AWS_USE_DUALSTACK_ENDPOINT",
] as const;

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
  const command = commandFor(target.nodeId, layout.dir, dir, codeHash);
  const away = { target, dir, command };
  for (const name of clusterFiles(folder.dir)) {
    await send(host, `${dir}/${name}`, await Deno.readFile(`${folder.dir}/${name}`));
  }
  for (const [name, text] of Object.entries(await portableFiles(folder.config, dir))) {
    await send(host, `${dir}/${name}`, new TextEncoder().encode(text));
  }
  // From here on two would keep it, if this were not the first thing that the next one reads.
  await noteAway(folder, away);
  await startAway(host, away);
  return away;
}

function headNode(folder: ClusterFolder): NodeRecord {
  const node = nodeForHead(readClusterState(folder));
  if (node === undefined) throw new Error("Cannot hand the keeper over: its node is not ready");
  return node;
}

function targetOf({ nodeId, machineId, launchId, address }: NodeRecord): ConnectTarget {
  if (machineId === undefined || address === undefined) {
    throw new Error(`Cannot hand the keeper over to ${nodeId}: it has no machine or no address`);
  }
  return { nodeId, machineId, launchId, address };
}

function commandFor(nodeId: string, nodeDir: string, dir: string, codeHash: string): string[] {
  const code = `${nodeDir}/code/${codeHash}`;
  const settings = AWS_SETTINGS.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [`${name}=${value}`];
  });
  return [
    ...["env", ...settings],
    ...[`${nodeDir}/bin/deno`, "run", "--quiet", "--no-prompt", "--node-modules-dir=none"],
    ...["--allow-all", "--config", `${code}/deno.json`, `${code}/src/cli/cluster_keeper.ts`],
    ...["--file", `${dir}/cluster.jsonc`, "--dir", dir, "--on-node", nodeId],
  ];
}

/** The configuration as it holds there: what it took from the user's files lies beside it.
 * @returns texts by name */
async function portableFiles(
  config: ClusterConfig,
  dir: string,
): Promise<Record<string, string>> {
  if (config.provider !== "ssh") return {};
  const user = { home: userInfo().homedir, name: userInfo().username };
  const targets = await resolveSshHosts(config.ssh, user);
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
  files["cluster.jsonc"] = JSON.stringify({ ...config, ssh });
  return files;
}

async function send(host: Host, path: string, data: Uint8Array): Promise<void> {
  await host.upload(data, path, { mode: 0o600 });
}
