import { Packr } from "msgpackr/pack";

const packr = new Packr({ useRecords: false, moreTypes: true, variableMapSize: true });

const messagePackr = new Packr({ useRecords: false, moreTypes: false, variableMapSize: true });

/** Values to bytes (MessagePack): everything of JSON, and undefined, NaN, ±Infinity, bigint, Date and typed arrays,
 * each as it was, but for -0, which becomes 0 outside typed arrays. Equal values with equal key order give equal
 * bytes, so that the bytes can be hashed.
 * @throws {TypeError} naming the path of a function, a symbol or a class instance, which have no bytes of their own, and
 * of a key named `__proto__`
 * @param root what the path begins with */
export function encodeValue(value: unknown, root = "value"): Uint8Array {
  refuseOpaque(value, root, 0);
  return encodePlain(value);
}

/** Returns silently when a value is plain data.
 * @throws {TypeError} as {@linkcode encodeValue} */
export function requirePlain(value: unknown, root = "value"): void {
  refuseOpaque(value, root, 0);
}

/** {@linkcode encodeValue} without its check, for values that are known to be plain data: our own messages. */
export function encodePlain(value: unknown): Uint8Array<ArrayBuffer> {
  // pack() hands out a view of a buffer that it goes on using: copied, since callers keep the bytes.
  return new Uint8Array(packr.pack(value));
}

/** {@linkcode encodePlain} behind bytes that go before it. */
export function encodePlainAfter(head: Uint8Array, value: unknown): Uint8Array<ArrayBuffer> {
  const tail = packr.pack(value);
  const bytes = new Uint8Array(head.byteLength + tail.byteLength);
  bytes.set(head);
  bytes.set(tail, head.byteLength);
  return bytes;
}

/** Our own messages to bytes: as {@linkcode encodePlain}, but that a Uint8Array is written as MessagePack's own bytes. They
 * are read as a view of the message, where the typed arrays of values are copied out. Other typed arrays have no place in
 * messages: they would be read as bytes. */
export function encodeMessage(message: unknown): Uint8Array<ArrayBuffer> {
  return new Uint8Array(messagePackr.pack(message));
}

/** The value that {@linkcode encodeValue} wrote. */
export function decodeValue(bytes: Uint8Array): unknown {
  return packr.unpack(bytes);
}

const MAX_DEPTH = 200;
const MAX_SHOWN_PATH = 60;

function refuseOpaque(value: unknown, path: string, depth: number): void {
  if (typeof value === "function" || typeof value === "symbol") {
    throw new TypeError(`Cannot encode a ${typeof value} at ${path}`);
  }
  if (
    typeof value !== "object" || value === null || ArrayBuffer.isView(value) ||
    value instanceof Date
  ) return;
  if (depth > MAX_DEPTH) {
    throw new TypeError(
      `Cannot encode a value nested deeper than ${MAX_DEPTH}, or in itself, at ${
        path.slice(0, MAX_SHOWN_PATH)
      }…`,
    );
  }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const item = value[i];
      if (typeof item !== "number" && typeof item !== "string") {
        refuseOpaque(item, `${path}[${i}]`, depth + 1);
      }
    }
    return;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError(
      `Cannot encode an instance of ${className(prototype)} at ${path}: only plain data travels, ` +
        `such as objects, arrays, typed arrays, numbers, text and dates${remedyFor(value)}`,
    );
  }
  for (const key of Object.keys(value)) {
    // The decoder would give it another name, so that an object from outside cannot reach a prototype.
    if (key === "__proto__") throw new TypeError(`Cannot encode a key named __proto__ at ${path}`);
    refuseOpaque((value as Record<string, unknown>)[key], `${path}.${key}`, depth + 1);
  }
}

function className(prototype: { readonly constructor?: { readonly name?: unknown } }): string {
  return String(prototype.constructor?.name || Object.prototype.toString.call(prototype));
}

function remedyFor(value: object): string {
  if (value instanceof Promise) return ". Await it first";
  if (value instanceof Map || value instanceof Set) return ". Spread it into an array";
  return "";
}
