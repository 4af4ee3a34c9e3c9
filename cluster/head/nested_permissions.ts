import { errorMessage } from "../../src/base/errors.ts";
import { ProtocolError } from "../protocol/shapes.ts";
import { inheritPermissions } from "../protocol/task_permissions.ts";
import type { TaskPermissions } from "../protocol/task_permissions.ts";
import { readTaskCall } from "../protocol/task_payload.ts";

/** Checks that a task which the code of another submits may do no more than that one. Clients of ours see to it
 * themselves, but in there speaks whoever wrote the task.
 * @param parent the payload of the task that submits; undefined when it is not known any more
 * @throws {ProtocolError} naming what the child may not do */
export function checkNestedPermissions(parent: Uint8Array | undefined, child: Uint8Array): void {
  const allowed = parent && permissionsOf(parent);
  if (allowed === undefined) return;
  const asked = permissionsOf(child) ?? {};
  // An executor takes what is left out as the usual, which would be more than the parent has.
  const leftOut = BOUNDED.find((name) => allowed[name] !== undefined && asked[name] === undefined);
  if (leftOut !== undefined) {
    throw new ProtocolError(
      `Cannot take a task that does not say its permission ${leftOut}: its parent has not the usual one`,
    );
  }
  try {
    inheritPermissions(allowed, asked);
  } catch (error) {
    throw new ProtocolError(errorMessage(error));
  }
}

/** To leave one of these out is to ask for more than to name some. */
const BOUNDED = ["read", "write", "ffi"] as const satisfies readonly (keyof TaskPermissions)[];

/** Of what is no task of ours an executor says so: it asks for nothing. */
function permissionsOf(payload: Uint8Array): TaskPermissions | undefined {
  try {
    return readTaskCall(payload).permissions;
  } catch {
    return undefined;
  }
}
