import { decodeValue, encodePlain, requirePlain } from "../../src/base/value_codec.ts";
import { MAX_PAYLOAD_BYTES } from "./limits.ts";

/** What a client packs into the call of an actor. Neither the head nor the daemon opens it. */
export interface CallPayload {
  /** A method of the instance; the empty name is a call that does nothing but take its turn. */
  readonly method: string;
  /** As those of a task. */
  readonly args: readonly unknown[];
}

/** Packs a call of an actor: the list of method and arguments.
 * @throws {TypeError} for an argument that has no encoding · {RangeError} when the whole is over the limit */
export function encodeCallPayload(method: string, args: readonly unknown[]): Uint8Array {
  requirePlain(args, "args");
  const payload = encodePlain([method, args]);
  if (payload.byteLength > MAX_PAYLOAD_BYTES) {
    throw new RangeError(
      `Cannot call ${method}: its arguments take ${payload.byteLength} bytes, the limit is ${MAX_PAYLOAD_BYTES}. ` +
        `Put large values into the object store and pass their references`,
    );
  }
  return payload;
}

/** Opens what {@linkcode encodeCallPayload} packed. */
export function decodeCallPayload(payload: Uint8Array): CallPayload {
  const [method, args] = decodeValue(payload) as [string, unknown[]];
  return { method, args };
}
