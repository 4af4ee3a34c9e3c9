import { decodeValue, encodePlain, requirePlain } from "../../src/base/value_codec.ts";
import { MAX_PAYLOAD_BYTES } from "./limits.ts";
import { isObjectRef } from "./object_ref.ts";
import { decodeTaskPayload, encodeTaskPayload } from "./task_payload.ts";
import type { TaskPayload } from "./task_payload.ts";

/** What a client packs into the call of an actor. The head never opens it. */
export interface CallPayload {
  /** A method of the instance; the empty name is a call that does nothing but take its turn. */
  readonly method: string;
  /** As those of a task. */
  readonly args: readonly unknown[];
  /** Ids of the objects among the arguments. */
  readonly objects: readonly string[];
}

/** The first byte of a payload: whether objects are among the arguments, so that a daemon need not open the others. */
const PLAIN = 0, WITH_OBJECTS = 1;

/** Packs a call of an actor: a byte, then the list of method, arguments and objects.
 * @throws {TypeError} for an argument that has no encoding · {RangeError} when the whole is over the limit */
export function encodeCallPayload(method: string, args: readonly unknown[]): Uint8Array {
  requirePlain(args, "args");
  const objects = args.filter(isObjectRef).map((ref) => ref.$object);
  const call = encodePlain([method, args, objects]);
  if (call.byteLength >= MAX_PAYLOAD_BYTES) {
    throw new RangeError(
      `Cannot call ${method}: its arguments take ${call.byteLength} bytes, the limit is ${MAX_PAYLOAD_BYTES}. ` +
        `Put large values into the object store and pass their references`,
    );
  }
  const payload = new Uint8Array(1 + call.byteLength);
  payload[0] = objects.length === 0 ? PLAIN : WITH_OBJECTS;
  payload.set(call, 1);
  return payload;
}

/** Opens what {@linkcode encodeCallPayload} packed. */
export function decodeCallPayload(payload: Uint8Array): CallPayload {
  const [method, args, objects] = decodeValue(payload.subarray(1)) as [
    string,
    unknown[],
    string[],
  ];
  return { method, args, objects };
}

/** The ids of the objects among the arguments of a call. */
export function objectsOfCall(payload: Uint8Array): readonly string[] {
  return payload[0] === PLAIN ? [] : decodeCallPayload(payload).objects;
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
