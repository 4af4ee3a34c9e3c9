import { errorMessage } from "./errors.ts";
import { decodeValue, encodePlain, requirePlain } from "./value_codec.ts";

/** Typed arrays of at least so many bytes lie outside of the header. */
const MIN_BUFFER_BYTES = 1024;
/** Buffers begin at multiples of this: fit for every element type, and for vector instructions. */
const ALIGNMENT = 64;
const MAGIC = 0x31425754; // "TWB1", little endian
const PREFIX_BYTES = 8;

const ARRAY_TYPES = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
} as const;

type ArrayType = keyof typeof ARRAY_TYPES;

/** Where a typed array of the value lies, from the start of the buffers. */
interface Placement {
  readonly type: ArrayType;
  readonly offset: number;
  readonly length: number;
  /** The keys that lead to it in the value. */
  readonly path: readonly (string | number)[];
}

interface Header {
  /** The value with null in the place of each large typed array. */
  readonly value: unknown;
  readonly placements: readonly Placement[];
}

/** A value as the bytes of an object, in parts that follow each other: a header, then its large typed arrays as they
 * are in memory, not copied, so that whoever maps the file into memory has them without copying either. Equal values
 * with equal key order give equal bytes.
 * Layout: "TWB1", the header's length (u32, little endian), the header (MessagePack), then the buffers, each at a
 * multiple of 64 bytes from the start of the file.
 * @param root what the path begins with
 * @throws {TypeError} naming the path of what is no plain data, as `encodeValue` */
export function encodeObjectParts(value: unknown, root = "value"): Uint8Array<ArrayBuffer>[] {
  const buffers: Uint8Array<ArrayBuffer>[] = [];
  const placements: Placement[] = [];
  let size = 0;
  const place = (array: ArrayBufferView, path: readonly (string | number)[]) => {
    const bytes = new Uint8Array(
      array.buffer as ArrayBuffer,
      array.byteOffset,
      array.byteLength,
    );
    const type = array.constructor.name as ArrayType;
    const length = bytes.byteLength / ARRAY_TYPES[type].BYTES_PER_ELEMENT;
    placements.push({ type, offset: size, length, path });
    buffers.push(bytes);
    size = aligned(size + bytes.byteLength);
  };
  requirePlain(value, root);
  const header = encodePlain({ value: extract(value, [], place), placements } satisfies Header);
  const prefix = new Uint8Array(aligned(PREFIX_BYTES + header.byteLength));
  const view = new DataView(prefix.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, header.byteLength, true);
  prefix.set(header, PREFIX_BYTES);
  const parts = [prefix];
  for (const bytes of buffers) {
    parts.push(bytes);
    const padding = aligned(bytes.byteLength) - bytes.byteLength;
    if (padding > 0) parts.push(new Uint8Array(padding));
  }
  return parts;
}

/** {@linkcode encodeObjectParts} as one piece: a copy, which later changes of the value do not reach. */
export function encodeObject(value: unknown): Uint8Array<ArrayBuffer> {
  return joinParts(encodeObjectParts(value));
}

/** A copy of all parts in one piece. */
export function joinParts(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const object = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    object.set(part, at);
    at += part.byteLength;
  }
  return object;
}

/** The value of an object's bytes. Its large typed arrays are views of these bytes where these begin at a multiple of
 * 64 in their buffer: whoever writes into one writes into the object.
 * @throws {TypeError} for bytes that are no object */
export function decodeObject(object: Uint8Array<ArrayBuffer>): unknown {
  const view = new DataView(object.buffer, object.byteOffset, object.byteLength);
  if (object.byteLength < PREFIX_BYTES || view.getUint32(0, true) !== MAGIC) {
    throw new TypeError(
      `Cannot read an object of ${object.byteLength} bytes: it does not begin with TWB1`,
    );
  }
  const headerEnd = PREFIX_BYTES + view.getUint32(4, true);
  try {
    return withArrays(
      object,
      headerEnd,
      decodeValue(object.subarray(PREFIX_BYTES, headerEnd)) as Header,
    );
  } catch (cause) {
    const reason = errorMessage(cause);
    throw new TypeError(`Cannot read an object of ${object.byteLength} bytes: ${reason}`, {
      cause,
    });
  }
}

function withArrays(
  object: Uint8Array<ArrayBuffer>,
  headerEnd: number,
  { value, placements }: Header,
): unknown {
  const root = { value };
  for (const { type, offset, length, path } of placements) {
    if (!Object.hasOwn(ARRAY_TYPES, type)) throw new TypeError(`no array is a ${type}`);
    const Type = ARRAY_TYPES[type];
    const from = aligned(headerEnd) + offset;
    const bytes = object.subarray(from, from + length * Type.BYTES_PER_ELEMENT);
    if (!(offset >= 0) || bytes.byteLength !== length * Type.BYTES_PER_ELEMENT) {
      throw new TypeError(`an array of ${length} is not within it`);
    }
    const isAligned = bytes.byteOffset % ALIGNMENT === 0;
    const { buffer, byteOffset } = isAligned ? bytes : bytes.slice();
    setAt(root, ["value", ...path], new Type(buffer, byteOffset, length));
  }
  return root.value;
}

function aligned(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}

/** A copy of the containers that lead to large typed arrays, with null in their places; all else as it is. */
function extract(
  value: unknown,
  path: readonly (string | number)[],
  place: (array: ArrayBufferView, path: readonly (string | number)[]) => void,
): unknown {
  if (ArrayBuffer.isView(value)) {
    if (value.byteLength < MIN_BUFFER_BYTES || !(value.constructor.name in ARRAY_TYPES)) {
      return value;
    }
    place(value, path);
    return null;
  }
  if (Array.isArray(value)) {
    let copy: unknown[] | undefined;
    value.forEach((item, i) => {
      const extracted = typeof item === "object" ? extract(item, [...path, i], place) : item;
      if (extracted !== item) (copy ??= [...value])[i] = extracted;
    });
    return copy ?? value;
  }
  if (
    typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype
  ) return value;
  let copy: Record<string, unknown> | undefined;
  for (const [key, member] of Object.entries(value)) {
    const extracted = typeof member === "object" ? extract(member, [...path, key], place) : member;
    if (extracted !== member) (copy ??= { ...value })[key] = extracted;
  }
  return copy ?? value;
}

function setAt(root: object, path: readonly (string | number)[], value: unknown): void {
  let container = root as Record<string | number, unknown>;
  const step = (key: string | number) => {
    // An own key alone: a hostile path must lead to no prototype.
    if (Object.hasOwn(container, key)) return container[key] as typeof container;
    throw new TypeError(`nothing is at ${path.join(".")}`);
  };
  for (const key of path.slice(0, -1)) container = step(key);
  const last = path[path.length - 1];
  step(last);
  container[last] = value;
}
