import { formatSize } from "../../src/base/size_text.ts";
import {
  decodeValue,
  encodePlain,
  encodePlainAfter,
  requirePlain,
} from "../../src/base/value_codec.ts";
import type { CodeRef } from "./code_ref.ts";
import { MAX_PAYLOAD_BYTES } from "./limits.ts";
import type { StreamResume } from "../scheduler/types.ts";
import type { TaskPermissions } from "./task_permissions.ts";

/** What a task calls, and in which surroundings. Many tasks have the same. */
export interface TaskCall {
  /** Its whole URL; where there is `code`, from the folder of that. */
  readonly module: string;
  readonly exportName: string;
  /** The TV_* variables of the submitting side. */
  readonly env: Readonly<Record<string, string>>;
  /** The context of the submission for OpenTelemetry, in W3C's form; absent where that is off. */
  readonly traceparent?: string;
  /** Set when the function gives items, which travel one by one: how those of a later attempt go on. */
  readonly stream?: StreamResume;
  /** What the module is a part of; undefined: it lies at its URL on every node. */
  readonly code?: CodeRef;
  /** What its process may do, if that is not the usual. */
  readonly permissions?: TaskPermissions;
  /** Of the creation of an actor: its state is told after so many calls; 0 for never. */
  readonly checkpointEveryCalls?: number;
}

/** Stands in an encoded argument list for the result of the task's k-th dependency. */
export interface DependencyArgument {
  readonly $dependency: number;
}

/** Before the encoded call: its length in bytes, little endian. */
const LENGTH_BYTES = 4;
/** Calls that are remembered on each side: as many as one client uses by turns. */
const REMEMBERED = 8;

/** Packs a task for its executor: what it calls, then its arguments. The head opens neither. Arguments that are
 * ObjectRefs or {@linkcode DependencyArgument}s are resolved by the executor; only arguments themselves are, never parts
 * of them.
 * @throws {TypeError} for an argument that has no encoding · {RangeError} when the whole is over the limit */
export function encodeTaskPayload(call: TaskCall, args: readonly unknown[]): Uint8Array {
  const head = encodedCalls.encode(call);
  requirePlain(args, "args");
  const payload = encodePlainAfter(head, args);
  if (payload.byteLength > MAX_PAYLOAD_BYTES) {
    throw new RangeError(
      `Cannot submit ${call.exportName}: its arguments take ${
        formatSize(payload.byteLength)
      }, the limit is ${formatSize(MAX_PAYLOAD_BYTES)}. ` +
        `Put large values into the object store and pass their references`,
    );
  }
  return payload;
}

/** What a packed task calls. Equal calls are one object: it must not be changed.
 * @throws {Error} when the bytes are no packed task */
export function readTaskCall(payload: Uint8Array): TaskCall {
  return decodedCalls.decode(payload.subarray(0, callEnd(payload)));
}

/** The arguments of a packed task, with what stands for values in them. */
export function readTaskArguments(payload: Uint8Array): unknown[] {
  return decodeValue(payload.subarray(callEnd(payload))) as unknown[];
}

/** Whether an argument stands for a dependency's result. */
export function isDependencyArgument(value: unknown): value is DependencyArgument {
  return typeof value === "object" && value !== null &&
    typeof (value as DependencyArgument).$dependency === "number";
}

function callEnd(payload: Uint8Array): number {
  const length = payload[0] + (payload[1] << 8) + (payload[2] << 16) + payload[3] * 2 ** 24;
  return LENGTH_BYTES + length;
}

/** The bytes of calls, with their length before them; the ones that were asked for last are not encoded anew. */
class EncodedCalls {
  readonly #known: { readonly call: TaskCall; readonly bytes: Uint8Array }[] = [];

  encode(call: TaskCall): Uint8Array {
    for (const known of this.#known) if (isSameCall(known.call, call)) return known.bytes;
    requirePlain(call, "call");
    const encoded = encodePlain(call);
    const bytes = new Uint8Array(LENGTH_BYTES + encoded.byteLength);
    new DataView(bytes.buffer).setUint32(0, encoded.byteLength, true);
    bytes.set(encoded, LENGTH_BYTES);
    this.#known.unshift({ call, bytes });
    this.#known.length = Math.min(this.#known.length, REMEMBERED);
    return bytes;
  }
}

/** The calls of bytes; the ones that were asked for last are not decoded anew. */
class DecodedCalls {
  readonly #known: { readonly bytes: Uint8Array; readonly call: TaskCall }[] = [];

  decode(bytes: Uint8Array): TaskCall {
    for (const known of this.#known) if (isSameBytes(known.bytes, bytes)) return known.call;
    const call = decodeValue(bytes.subarray(LENGTH_BYTES)) as TaskCall;
    if (typeof call?.module !== "string" || typeof call.env !== "object" || call.env === null) {
      throw new TypeError("Cannot read a task: its payload names no call");
    }
    // A copy: the bytes are a part of a frame, which need not be kept for them.
    this.#known.unshift({ bytes: bytes.slice(), call });
    this.#known.length = Math.min(this.#known.length, REMEMBERED);
    return call;
  }
}

const encodedCalls = new EncodedCalls();
const decodedCalls = new DecodedCalls();

/** Objects in calls are compared as such: the same code, permissions and environment are mostly the same object, and
 * encoding an equal one anew is right too. */
function isSameCall(a: TaskCall, b: TaskCall): boolean {
  return a.exportName === b.exportName && a.module === b.module && a.env === b.env &&
    a.traceparent === b.traceparent && a.stream === b.stream && a.code === b.code &&
    a.permissions === b.permissions &&
    a.checkpointEveryCalls === b.checkpointEveryCalls;
}

function isSameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.byteLength !== b.byteLength) return false;
  // Backwards, since calls differ at their ends sooner than at the paths at which they begin.
  for (let i = a.byteLength - 1; i >= 0; i--) if (a[i] !== b[i]) return false;
  return true;
}
