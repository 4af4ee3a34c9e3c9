/** A value of Thrift's compact protocol, of the kinds that the headers of Parquet need. Numbers are whole and not
 * negative. */
export type ThriftValue =
  | { readonly type: "i32" | "i64"; readonly value: number }
  | { readonly type: "binary"; readonly value: Uint8Array | string }
  | { readonly type: "true" }
  | { readonly type: "list"; readonly items: readonly ThriftValue[] }
  | { readonly type: "struct"; readonly fields: readonly ThriftField[] };

/** A field of a struct with its number; numbers rise by at most 15. */
export type ThriftField = readonly [id: number, value: ThriftValue];

const TYPE_CODES = { true: 1, i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const;
const STOP = 0;
/** Lists of more items tell their length in bytes of its own. */
const MAX_SHORT_LIST = 14;
const TEXT = new TextEncoder();

/** A struct of these fields. */
export function struct(...fields: readonly ThriftField[]): ThriftValue {
  return { type: "struct", fields };
}

/** A list, whose items are of one type. */
export function list(items: readonly ThriftValue[]): ThriftValue {
  return { type: "list", items };
}

/** A number of 32 bits. */
export function i32(value: number): ThriftValue {
  return { type: "i32", value };
}

/** A number of 64 bits, of which 53 can be used. */
export function i64(value: number): ThriftValue {
  return { type: "i64", value };
}

/** Bytes, or text in UTF-8. */
export function binary(value: Uint8Array | string): ThriftValue {
  return { type: "binary", value };
}

/** The bytes of a value.
 * Source: Apache Thrift, "Thrift Compact protocol encoding". */
export function encodeThrift(value: ThriftValue): Uint8Array<ArrayBuffer> {
  const out: number[] = [];
  append(out, value);
  return Uint8Array.from(out);
}

function append(out: number[], value: ThriftValue): void {
  switch (value.type) {
    case "i32":
    case "i64":
      // The sign is the lowest bit.
      return appendVarint(out, value.value * 2);
    case "binary": {
      const bytes = typeof value.value === "string" ? TEXT.encode(value.value) : value.value;
      appendVarint(out, bytes.length);
      for (const byte of bytes) out.push(byte);
      return;
    }
    case "true":
      return;
    case "list":
      return appendList(out, value.items);
    case "struct":
      return appendStruct(out, value.fields);
  }
}

function appendList(out: number[], items: readonly ThriftValue[]): void {
  const code = items.length === 0 ? TYPE_CODES.struct : TYPE_CODES[items[0].type];
  if (items.length <= MAX_SHORT_LIST) {
    out.push(items.length << 4 | code);
  } else {
    out.push(0xf0 | code);
    appendVarint(out, items.length);
  }
  for (const item of items) append(out, item);
}

function appendStruct(out: number[], fields: readonly ThriftField[]): void {
  let last = 0;
  for (const [id, value] of fields) {
    out.push(id - last << 4 | TYPE_CODES[value.type]);
    append(out, value);
    last = id;
  }
  out.push(STOP);
}

/** Seven bits a byte, the lowest first; all but the last byte have the eighth. */
export function appendVarint(out: number[], value: number): void {
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) out.push(rest % 0x80 | 0x80);
  out.push(rest);
}

/** Reads what {@linkcode appendVarint} wrote.
 * @throws {Error} when it does not end, or is larger than 32 bits */
export function readVarint(bytes: Uint8Array, at: number): { value: number; next: number } {
  let value = 0;
  for (let i = 0; i < 5 && at + i < bytes.length; i++) {
    value += (bytes[at + i] & 0x7f) * 2 ** (7 * i);
    if (bytes[at + i] < 0x80) return { value, next: at + i + 1 };
  }
  throw new Error(`there is no number at byte ${at}`);
}
