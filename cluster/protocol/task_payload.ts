import { decodeValue, encodeValue } from "../../src/base/value_codec.ts";
import type { CodeRef } from "./code_ref.ts";
import { MAX_PAYLOAD_BYTES } from "./limits.ts";
import type { TaskPermissions } from "./task_permissions.ts";

/** What a client packs into a task for its executor. Neither the head nor the daemon opens it. */
export interface TaskPayload {
  /** Its whole URL; where there is `code`, from the folder of that. */
  readonly module: string;
  readonly exportName: string;
  /** The encoded list of arguments; see {@linkcode encodeTaskPayload}. */
  readonly args: Uint8Array;
  /** The TV_* variables of the submitting side. */
  readonly env: Readonly<Record<string, string>>;
  /** The context of the submission for OpenTelemetry, in W3C's form; absent where that is off. */
  readonly traceparent?: string;
  /** Whether the function gives items, which travel one by one. */
  readonly isStream?: boolean;
  /** What the module is a part of; undefined: it lies at its URL on every node. */
  readonly code?: CodeRef;
  /** What its process may do, if that is not the usual. */
  readonly permissions?: TaskPermissions;
}

/** Stands in an encoded argument list for the result of the task's k-th dependency. */
export interface DependencyArgument {
  readonly $dependency: number;
}

/** Packs a call. Arguments that are ObjectRefs or {@linkcode DependencyArgument}s are resolved by the executor; only
 * arguments themselves are, never parts of them.
 * @throws {TypeError} for an argument that has no encoding · {RangeError} when the whole is over the limit */
export function encodeTaskPayload(call: {
  readonly module: string;
  readonly exportName: string;
  readonly args: readonly unknown[];
  readonly env: Readonly<Record<string, string>>;
  readonly traceparent?: string;
  readonly isStream?: boolean;
  readonly code?: CodeRef;
  readonly permissions?: TaskPermissions;
}): Uint8Array {
  const payload = encodeValue({ ...call, args: encodeValue(call.args, "args") });
  if (payload.byteLength > MAX_PAYLOAD_BYTES) {
    throw new RangeError(
      `Cannot submit ${call.exportName}: its arguments take ${payload.byteLength} bytes, the limit is ${MAX_PAYLOAD_BYTES}. ` +
        `Put large values into the object store and pass their references`,
    );
  }
  return payload;
}

/** Opens what {@linkcode encodeTaskPayload} packed. */
export function decodeTaskPayload(bytes: Uint8Array): TaskPayload {
  return decodeValue(bytes) as TaskPayload;
}

/** Whether an argument stands for a dependency's result. */
export function isDependencyArgument(value: unknown): value is DependencyArgument {
  return typeof value === "object" && value !== null &&
    typeof (value as DependencyArgument).$dependency === "number";
}
