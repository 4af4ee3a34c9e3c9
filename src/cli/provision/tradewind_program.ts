import { fromFileUrl } from "@std/path";
import { drainPath } from "../../../cluster/client/mod.ts";
import { packProject } from "../../../cluster/code/code_archive.ts";
import { denoBinaries } from "../../../provision/bootstrap/deno_binary.ts";
import type { NodeProgram } from "../../../provision/bootstrap/node_program.ts";
import type { ClusterConfig } from "../../../provision/config/cluster_config.ts";
import { nodePackages } from "./node_packages.ts";

/** Of Tradewind's own tree. */
const ROOT = fromFileUrl(new URL("../../../", import.meta.url));

const NO_FOLDER = "--node-modules-dir=none";

/** How long what a worker runs may go on when its machine is taken back: of the two minutes of notice, most. */
const NOTICE_GRACE_MS = 90_000;

/** What the nodes of a cluster run: our own tree, its packages as the lock file says, and our worker.
 * @param token gives the cluster's, as it is when a node is set up */
export function tradewindProgram(
  { workers, lease_minutes }: ClusterConfig,
  token: () => string,
): NodeProgram {
  const { hash, bytes } = packProject(ROOT);
  const cpus = workers.cpus === 0 ? [] : [`--cpus=${workers.cpus}`];
  return {
    archive: { hash, bytes },
    denoVersion: Deno.version.deno,
    denoBinary: denoBinaries(),
    // Packages are run from Deno's cache: a folder of them would be copied for each version of the code.
    prepare: ({ deno }, from) => [[
      ...[deno, "install", "--quiet", "--frozen", NO_FOLDER],
      ...(from === "machine" ? ["--cached-only"] : []),
    ]],
    packages: nodePackages(ROOT),
    daemon: ({ deno, dir, headUrl, nodeId, tokenFile }) => [
      ...[deno, "run", "--quiet", "--no-prompt", NO_FOLDER, "--allow-all", "src/cli/worker.ts"],
      `--head=${headUrl}`,
      `--token-file=${tokenFile}`,
      `--id=${nodeId}`,
      `--log-dir=${dir}/logs`,
      `--lease=${lease_minutes * 60}`,
      `--allow-write=${dir}/artifacts`,
      ...cpus,
    ],
    noticeUrl: ({ headUrl, nodeId }) => headUrl + drainPath(nodeId, NOTICE_GRACE_MS),
    get token() {
      return token();
    },
  };
}
