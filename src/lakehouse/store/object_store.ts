import { UserError } from "../../base/errors.ts";

/** An object with what it is told apart by. */
export interface StoredObject {
  readonly bytes: Uint8Array;
  /** Changes with the content; taken by {@linkcode ObjectStore.swap}. */
  readonly tag: string;
  /** Of the bytes in hexadecimal digits, where the store has it from its own check of them. */
  readonly sha256?: string;
}

/** An object in a listing. */
export interface ListedObject {
  readonly key: string;
  readonly sizeBytes: number;
  /** When it was written last, milliseconds since the Unix epoch by the store's clock. */
  readonly modifiedMs: number;
}

/** Throws when bytes are not those that were put. */
export type RangeCheck = (bytes: Uint8Array) => void;

/** Named bytes: a folder of this machine, or a bucket of S3. Every write is whole or not there; a read that follows a
 * write sees it. A call that throws something else than {@linkcode UserError} may have had its effect all the same. */
export interface ObjectStore {
  /** Names it in messages, for instance `s3://bucket/prefix` or the path of a folder. */
  readonly url: string;
  /** Whether it lies on this machine, so that reading a whole object costs no more than reading a part. */
  readonly isLocal: boolean;
  /** The object of a key, undefined when there is none. What arrives is what was put, or it throws. */
  get(key: string): Promise<StoredObject | undefined>;
  /** The bytes from `start` to before `end`; undefined when there is no such object.
   * @param check throws when they are not those that were put: then they are asked for again, and in the end it is what
   * this throws
   * @throws {Error} when the object is shorter */
  getRange(
    key: string,
    start: number,
    end: number,
    check: RangeCheck,
  ): Promise<Uint8Array | undefined>;
  /** Writes an object, whatever was there.
   * @param sha256 of the bytes in hexadecimal digits, for a caller who has it already */
  put(key: string, bytes: Uint8Array, sha256?: string): Promise<void>;
  /** Writes an object if it still is what the caller saw.
   * @param expected the tag seen; null when there must be no object
   * @returns the new tag; undefined when something else is there, and nothing was written */
  swap(key: string, bytes: Uint8Array, expected: string | null): Promise<string | undefined>;
  /** All objects whose keys begin with a prefix, in no particular order. */
  list(prefix: string): AsyncIterable<ListedObject>;
  /** Removes objects; those that are not there are no error. */
  remove(keys: readonly string[]): Promise<void>;
}

const KEY = /^[A-Za-z0-9_.~-]+(?:\/[A-Za-z0-9_.~-]+)*$/;
const MAX_KEY_BYTES = 900;

/** The key when it can neither leave the store's folder nor be read in two ways: parts of letters, digits and `_ . ~ -`
 * with slashes in between, none of them `.` or `..`.
 * @throws {UserError} with the key */
export function checkKey(key: string): string {
  const isSafe = KEY.test(key) && key.length <= MAX_KEY_BYTES &&
    key.split("/").every((part) => part !== "." && part !== "..");
  if (isSafe) return key;
  const shown = JSON.stringify(key.length > 80 ? `${key.slice(0, 80)}…` : key);
  throw new UserError("store/bad-key", `Cannot use ${shown} as the key of an object`, {
    hint: "A key has letters, digits and _ . ~ - in parts between slashes, none of them . or ..",
  });
}
