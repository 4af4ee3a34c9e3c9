/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | {
  readonly [key: string]: Json;
};

/** The one text of a JSON value by RFC 8785 (JSON Canonicalization Scheme): keys in the order of their UTF-16
 * code units, ECMAScript number format, no white space.
 * @throws {TypeError} naming the path of anything that JSON cannot hold: NaN, ±Infinity, undefined, bigint,
 * functions, lone surrogates */
export function canonicalJson(value: unknown): string {
  return write(value, "$");
}

function write(value: unknown, path: string): string {
  switch (typeof value) {
    case "boolean":
      return value ? "true" : "false";
    case "number":
      if (!Number.isFinite(value)) throw new TypeError(`Cannot write ${value} as JSON at ${path}`);
      return JSON.stringify(value);
    case "string":
      if (!value.isWellFormed()) {
        throw new TypeError(`Cannot write a lone surrogate as JSON at ${path}`);
      }
      return JSON.stringify(value);
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value)) {
        return `[${value.map((item, i) => write(item, `${path}[${i}]`)).join(",")}]`;
      }
      return writeObject(value as Record<string, unknown>, path);
    default:
      throw new TypeError(`Cannot write ${typeof value} as JSON at ${path}`);
  }
}

function writeObject(value: Record<string, unknown>, path: string): string {
  const members = Object.keys(value).sort().map((key) => {
    if (!key.isWellFormed()) {
      throw new TypeError(`Cannot write a lone surrogate as JSON in a key at ${path}`);
    }
    return `${JSON.stringify(key)}:${write(value[key], `${path}.${key}`)}`;
  });
  return `{${members.join(",")}}`;
}
