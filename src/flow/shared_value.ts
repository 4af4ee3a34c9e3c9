import { sha256Hex } from "../base/hash.ts";
import { encodeObject } from "../base/object_codec.ts";

/** A large value that many tasks read. It counts in cache keys by its hash, local tasks get the value itself, and
 * it goes into a cluster's object store once, when the first cluster task that reads it really has to run. */
export class SharedValue<T> {
  /** SHA-256 of the encoded value: the name that the object store gives it, too. */
  readonly hash: string;
  /** The value as it was given; it must not be changed any more. */
  readonly value: T;

  /** Encodes and hashes the value; see {@linkcode shared}.
   * @throws {TypeError} naming the path of what cannot be encoded */
  constructor(value: T) {
    this.value = value;
    this.hash = sha256Hex(encodeObject(value));
  }
}

/** Prepares a large value as an argument of tasks: encoded and hashed here, once, and passed on by reference. Share
 * what is over some 100 KB; smaller values travel as quickly by themselves.
 * @throws {TypeError} naming the path of what cannot be encoded */
export function shared<T>(value: T): SharedValue<T> {
  return new SharedValue(value);
}
