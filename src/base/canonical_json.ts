/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | {
  readonly [key: string]: Json;
};

/** The one text of a JSON value by RFC 8785 (JSON Canonicalization Scheme): keys in the order of their UTF-16
 * code units, ECMAScript number format, no white space.
 * @throws {TypeError} naming the path of anything that JSON cannot hold: NaN, ±Infinity, undefined, bigint,
 * functions, lone surrogates */
export function canonicalJson(value: unknown): string {
  return write(value, []);
}

/** Where a value stands in the whole: keys and indices. Becomes text for a message alone. */
type Path = (string | number)[];

function write(value: unknown, path: Path): string {
  switch (typeof value) {
    case "boolean":
      return value ? "true" : "false";
    case "number":
      if (!Number.isFinite(value)) throw unwritable(String(value), path);
      return JSON.stringify(value);
    case "string":
      if (!value.isWellFormed()) throw unwritable("a lone surrogate", path);
      return JSON.stringify(value);
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value)) return writeArray(value, path);
      return writeObject(value as Record<string, unknown>, path);
    default:
      throw unwritable(typeof value, path);
  }
}

function writeArray(items: readonly unknown[], path: Path): string {
  let text = "[";
  for (let i = 0; i < items.length; i++) {
    path.push(i);
    text += i === 0 ? write(items[i], path) : `,${write(items[i], path)}`;
    path.pop();
  }
  return `${text}]`;
}

function writeObject(value: Record<string, unknown>, path: Path): string {
  let text = "{";
  for (const key of Object.keys(value).sort()) {
    if (!key.isWellFormed()) {
      throw new TypeError(`Cannot write a lone surrogate as JSON in a key at ${textOf(path)}`);
    }
    path.push(key);
    const member = `${JSON.stringify(key)}:${write(value[key], path)}`;
    text += text.length === 1 ? member : `,${member}`;
    path.pop();
  }
  return `${text}}`;
}

function unwritable(what: string, path: Path): TypeError {
  return new TypeError(`Cannot write ${what} as JSON at ${textOf(path)}`);
}

function textOf(path: Path): string {
  return `$${path.map((part) => typeof part === "number" ? `[${part}]` : `.${part}`).join("")}`;
}
