import type { ObjectSize } from "../scheduler/types.ts";

/** Names an immutable value in the object store: the SHA-256 of its encoded bytes. Given as an argument of a task it
 * arrives there as the value. Plain data, so that it can be stored and compared. */
export interface ObjectRef {
  /** The 64 hexadecimal digits of the hash. */
  readonly $object: string;
  /** Of the encoded value. */
  readonly sizeBytes: number;
}

/** Names a value that is stored. */
export function objectRef({ objectId, sizeBytes }: ObjectSize): ObjectRef {
  return { $object: objectId, sizeBytes };
}

/** Whether an argument is an {@linkcode ObjectRef}. */
export function isObjectRef(value: unknown): value is ObjectRef {
  return typeof value === "object" && value !== null &&
    typeof (value as ObjectRef).$object === "string" &&
    typeof (value as ObjectRef).sizeBytes === "number";
}
