import { createHash, type Hash } from "node:crypto";
import { SharedValue } from "./shared_value.ts";

/** What a cached result depends on. */
export interface CacheKeyInputs {
  readonly taskName: string;
  /** See {@linkcode codeHash}. */
  readonly codeHash: string;
  /** Plain data, typed arrays, dates, and values of `shared`, which count by their hash. */
  readonly args: readonly unknown[];
}

const ENCODING_VERSION = "tradewind-cache-key-1";

/** The name of a result in the cache: SHA-256 over one canonical encoding of task name, code hash and arguments, as
 * 64 hexadecimal digits. Equal content gives an equal key whatever the order of an object's members; every NaN is
 * the same; 0 and -0 differ, and so do 1, 1n and "1", and a missing member and one that is undefined.
 * @throws {TypeError} naming the path of a function, a symbol, a class instance or a nesting deeper than 200 */
export function cacheKey(inputs: CacheKeyInputs): string {
  const writer = new CanonicalWriter();
  writer.write(ENCODING_VERSION, "version", 0);
  writer.write(inputs.taskName, "taskName", 0);
  writer.write(inputs.codeHash, "codeHash", 0);
  writer.write(inputs.args, "args", 0);
  return writer.digest();
}

/** First byte of each encoded value: without it, an array of one and its only item could look alike. */
const TAG = {
  null: 0,
  undefined: 1,
  false: 2,
  true: 3,
  number: 4,
  string: 5,
  malformedString: 6,
  bigint: 7,
  date: 8,
  array: 9,
  object: 10,
  shared: 11,
  bytes: 12,
} as const;

const MAX_DEPTH = 200;
const BUFFER_BYTES = 16_384;
const textEncoder = new TextEncoder();

/** One for all writers: each is used up before the next is made, within one turn. */
const scratch = new Uint8Array(BUFFER_BYTES);
const scratchView = new DataView(scratch.buffer);

/** Feeds the encoding of values to a hash, gathering small pieces: an update of the hash costs a microsecond. */
class CanonicalWriter {
  readonly #hash: Hash = createHash("sha256");
  #used = 0;

  digest(): string {
    this.#flush();
    return this.#hash.digest("hex");
  }

  write(value: unknown, path: string, depth: number): void {
    switch (typeof value) {
      case "undefined":
        return this.#writeTag(TAG.undefined);
      case "boolean":
        return this.#writeTag(value ? TAG.true : TAG.false);
      case "number":
        this.#writeTag(TAG.number);
        return this.#writeFloat(value);
      case "bigint":
        this.#writeTag(TAG.bigint);
        return this.#writeText(value.toString(16));
      case "string":
        return this.#writeString(value);
      case "object":
        if (value === null) return this.#writeTag(TAG.null);
        return this.#writeObject(value, path, depth);
      default:
        throw new TypeError(`Cannot make a cache key of a ${typeof value} at ${path}`);
    }
  }

  #writeObject(value: object, path: string, depth: number): void {
    if (depth > MAX_DEPTH) {
      throw new TypeError(
        `Cannot make a cache key of a value nested deeper than ${MAX_DEPTH} at ${path}`,
      );
    }
    if (value instanceof SharedValue) {
      this.#writeTag(TAG.shared);
      return this.#writeText(value.hash);
    }
    if (Array.isArray(value)) {
      this.#writeTag(TAG.array);
      this.#writeLength(value.length);
      for (let i = 0; i < value.length; i++) this.write(value[i], `${path}[${i}]`, depth + 1);
      return;
    }
    if (value instanceof Date) {
      this.#writeTag(TAG.date);
      return this.#writeFloat(value.getTime());
    }
    if (ArrayBuffer.isView(value)) {
      return this.#writeBytes(
        value.constructor.name,
        new Uint8Array(value.buffer, value.byteOffset, value.byteLength),
      );
    }
    if (value instanceof ArrayBuffer) {
      return this.#writeBytes("ArrayBuffer", new Uint8Array(value));
    }
    this.#writeMembers(value, path, depth);
  }

  #writeMembers(value: object, path: string, depth: number): void {
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) {
      throw new TypeError(
        `Cannot make a cache key of an instance of ${
          prototype.constructor?.name ?? "a class"
        } at ${path}: give plain data, or a shared value as an argument of its own`,
      );
    }
    const keys = Object.keys(value).sort();
    this.#writeTag(TAG.object);
    this.#writeLength(keys.length);
    for (const key of keys) {
      this.#writeString(key);
      this.write((value as Record<string, unknown>)[key], `${path}.${key}`, depth + 1);
    }
  }

  #writeBytes(typeName: string, bytes: Uint8Array): void {
    this.#writeTag(TAG.bytes);
    this.#writeText(typeName);
    this.#writeFloat(bytes.byteLength);
    this.#writeRaw(bytes);
  }

  #writeString(text: string): void {
    if (text.isWellFormed()) {
      this.#writeTag(TAG.string);
      return this.#writeText(text);
    }
    // UTF-8 turns every lone surrogate into the same character: its code units keep them apart.
    this.#writeTag(TAG.malformedString);
    this.#writeText(Array.from(text, (unit) => unit.codePointAt(0)).join(","));
  }

  #writeText(text: string): void {
    const bytes = textEncoder.encode(text);
    this.#writeLength(bytes.length);
    this.#writeRaw(bytes);
  }

  #writeTag(tag: number): void {
    this.#reserve(1);
    scratch[this.#used++] = tag;
  }

  #writeLength(length: number): void {
    this.#reserve(4);
    scratchView.setUint32(this.#used, length, true);
    this.#used += 4;
  }

  #writeFloat(value: number): void {
    this.#reserve(8);
    if (Number.isNaN(value)) scratchView.setBigUint64(this.#used, 0x7ff8000000000000n, true);
    else scratchView.setFloat64(this.#used, value, true);
    this.#used += 8;
  }

  #writeRaw(bytes: Uint8Array): void {
    if (bytes.length > BUFFER_BYTES / 4) {
      this.#flush();
      this.#hash.update(bytes);
      return;
    }
    this.#reserve(bytes.length);
    scratch.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  #reserve(byteCount: number): void {
    if (this.#used + byteCount > BUFFER_BYTES) this.#flush();
  }

  #flush(): void {
    this.#hash.update(scratch.subarray(0, this.#used));
    this.#used = 0;
  }
}
