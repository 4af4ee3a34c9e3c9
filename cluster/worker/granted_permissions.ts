import { coversHost, isWithinAny } from "../protocol/task_permissions.ts";
import type { TaskPermissions } from "../protocol/task_permissions.ts";

/** What the owner of a node allows to tasks. */
export interface NodePermissions {
  /** Hosts that tasks may reach when they ask for it, as `host` or `host:port`; `*` for all. */
  readonly net: readonly string[];
  /** Folders into which tasks may write. */
  readonly write: readonly string[];
}

/** What an executor may do. */
export interface GrantedPermissions {
  readonly net: readonly string[];
  /** Undefined: everything. */
  readonly read: readonly string[] | undefined;
  readonly write: readonly string[];
  readonly ffi: boolean;
}

/** A task asks for what the owner of the node does not allow. */
export class PermissionRefusedError extends Error {
  override readonly name = "PermissionRefused";
}

/** PURE: what a task gets of what it asks for.
 * @param asked undefined: the usual
 * @throws {PermissionRefusedError} naming what the owner does not allow, and what is */
export function grantPermissions(
  asked: TaskPermissions | undefined,
  node: NodePermissions,
): GrantedPermissions {
  const { net = [], read, write = node.write, ffi = true } = asked ?? {};
  for (const host of net) {
    if (coversHost(node.net, host)) continue;
    throw new PermissionRefusedError(
      `Cannot let a task reach ${host}: this node allows ${node.net.join(", ") || "no host"} ` +
        `(--allow-task-net)`,
    );
  }
  for (const path of write) {
    if (isWithinAny(path, node.write)) continue;
    throw new PermissionRefusedError(
      `Cannot let a task write into ${path}: this node allows ${
        node.write.join(", ") || "nothing"
      } ` +
        `(--allow-write)`,
    );
  }
  return { net, read, write, ffi };
}

/** PURE: names permissions for people, and equal ones equally: what differs from the usual. */
export function describePermissions(asked: TaskPermissions | undefined): string {
  if (asked === undefined) return "";
  const list = (name: string, items: readonly string[] | undefined) =>
    items === undefined ? [] : [`${name}=${[...items].sort().join(",") || "none"}`];
  return [
    ...list("net", asked.net),
    ...list("read", asked.read),
    ...list("write", asked.write),
    ...(asked.ffi === false ? ["ffi=no"] : []),
  ].join(" ");
}
