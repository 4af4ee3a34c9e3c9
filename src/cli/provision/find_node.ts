import type { ConnectTarget } from "../../../provision/providers/provider.ts";
import { UserError } from "../../base/errors.ts";
import { type ClusterFolder, readClusterState } from "./cluster_folder.ts";
import { livingNodes } from "./node_text.ts";

/** The machine of the node whose id ends so.
 * @throws {UserError} when none or several do, and when it has no address yet */
export function findNode(folder: ClusterFolder, text: string): ConnectTarget {
  const nodes = livingNodes(readClusterState(folder));
  const found = nodes.filter(({ nodeId }) => nodeId === text || nodeId.endsWith(text));
  if (found.length !== 1) {
    const reason = found.length === 0 ? "no node has this id" : `${found.length} nodes have it`;
    const ids = nodes.map(({ nodeId }) => nodeId).join(", ");
    throw new UserError("node/unknown", `Cannot use ${JSON.stringify(text)} as a node: ${reason}`, {
      hint: ids === "" ? "There is no node: deno task cluster:up." : `There are: ${ids}.`,
    });
  }
  const [{ nodeId, launchId, machineId, address, phase }] = found;
  if (machineId === undefined || address === undefined) {
    throw new UserError(
      "node/no-address",
      `Cannot reach ${nodeId}: it is ${phase}, and has no address yet`,
    );
  }
  return { nodeId, launchId, machineId, address };
}
