import { decodeValue, encodePlain, requirePlain } from "../../src/base/value_codec.ts";
import { MAX_PAYLOAD_BYTES } from "./limits.ts";
import { decodeTaskPayload, encodeTaskPayload } from "./task_payload.ts";
import type { TaskPayload } from "./task_payload.ts";

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

/** What a client packs into the creation of an actor. */
export interface ActorPayload extends TaskPayload {
  /** Its state is told after so many calls; 0 for never. */
  readonly checkpointEveryCalls: number;
}

/** Packs the creation of an actor; throws like {@linkcode encodeTaskPayload}. */
export function encodeActorPayload(
  creation: Parameters<typeof encodeTaskPayload>[0] & Pick<ActorPayload, "checkpointEveryCalls">,
): Uint8Array {
  return encodeTaskPayload(creation);
}

/** Opens what {@linkcode encodeActorPayload} packed. */
export function decodeActorPayload(bytes: Uint8Array): ActorPayload {
  return decodeTaskPayload(bytes) as ActorPayload;
}
