import { CodedError, errorMessage } from "../../base/errors.ts";
import { sha256Hex } from "../../base/hash.ts";
import { decodeValue, encodeValue } from "../../base/value_codec.ts";
import type { KeptResult } from "./result_cache.ts";

/** Where results are kept that several machines share, for instance a bucket of S3; an object store of the lakehouse is
 * one. A write is whole or not there. */
export interface ResultStorage {
  /** The bytes of a key; undefined when there is none. */
  get(key: string): Promise<{ readonly bytes: Uint8Array } | undefined>;
  /** Writes the bytes of a key, whatever was there. */
  put(key: string, bytes: Uint8Array): Promise<void>;
}

/** Results by cache key in a storage that is shared: each an object with its SHA-256 and its time. */
export class SharedResults {
  readonly #storage: ResultStorage;

  constructor(storage: ResultStorage) {
    this.#storage = storage;
  }

  /** The result of a key; undefined when there is none, or what is there is damaged.
   * @throws {Error} when the storage cannot be read */
  async find(key: string): Promise<KeptResult | undefined> {
    const object = await this.#storage.get(nameOf(key)).catch((cause) => {
      throw storageError("read", key, cause);
    });
    if (object === undefined) return undefined;
    const kept = decodeKept(object.bytes);
    return kept !== undefined && sha256Hex(kept.bytes) === kept.sha256 ? kept : undefined;
  }

  /** Keeps a result; it is there for all when this resolves.
   * @throws {Error} when the storage cannot be written */
  async put(key: string, { bytes, sha256, createdAtMs }: KeptResult): Promise<void> {
    const object = encodeValue({ bytes, sha256, createdAtMs });
    await this.#storage.put(nameOf(key), object).catch((cause) => {
      throw storageError("write", key, cause);
    });
  }
}

function nameOf(key: string): string {
  return `results/${key.slice(0, 2)}/${key}`;
}

function decodeKept(object: Uint8Array): KeptResult | undefined {
  try {
    const { bytes, sha256, createdAtMs } = decodeValue(object) as Partial<KeptResult>;
    const isKept = bytes instanceof Uint8Array && typeof sha256 === "string" &&
      typeof createdAtMs === "number";
    return isKept ? { bytes, sha256, createdAtMs } : undefined;
  } catch {
    return undefined;
  }
}

function storageError(action: string, key: string, cause: unknown): Error {
  const reason = errorMessage(cause);
  return new CodedError(
    "store/failed",
    `Cannot ${action} the result ${key} in the shared storage: ${reason}`,
    {
      cause,
    },
  );
}
