/** The other side sent what is not a message of this protocol. The connection is closed; nothing else happens. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}

/** Checks a value that came from outside; throws a {@linkcode ProtocolError} naming the path of the first thing wrong. */
export type Shape = (value: unknown, path: string) => void;

function wrong(path: string, expected: string, value: unknown): never {
  const found = value === null ? "null" : Array.isArray(value) ? "an array" : typeof value;
  throw new ProtocolError(`Cannot read a message: ${path} must be ${expected}, found ${found}`);
}

/** A text of at most `maxLength` UTF-16 code units. */
export function text(maxLength: number): Shape {
  return (value, path) => {
    if (typeof value !== "string") wrong(path, "a text", value);
    if (value.length > maxLength) {
      throw new ProtocolError(
        `Cannot read a message: ${path} is longer than ${maxLength} characters`,
      );
    }
  };
}

/** One of the given texts. */
export function oneOf(...allowed: readonly string[]): Shape {
  return (value, path) => {
    if (typeof value !== "string" || !allowed.includes(value)) {
      wrong(path, `one of ${allowed.join(", ")}`, value);
    }
  };
}

/** A number in [min, max]; Infinity only when max is. NaN never. */
export function number(min: number, max: number): Shape {
  return (value, path) => {
    if (typeof value !== "number" || !(value >= min && value <= max)) {
      wrong(path, `a number from ${min} to ${max}`, value);
    }
  };
}

/** A whole number in [min, 2^53). */
export function integer(min: number): Shape {
  return (value, path) => {
    if (!Number.isSafeInteger(value) || (value as number) < min) {
      wrong(path, `a whole number from ${min}`, value);
    }
  };
}

/** True or false. */
export function truth(): Shape {
  return (value, path) => {
    if (typeof value !== "boolean") wrong(path, "true or false", value);
  };
}

/** Bytes of at most `maxBytes`. */
export function bytes(maxBytes: number): Shape {
  return (value, path) => {
    if (!(value instanceof Uint8Array)) wrong(path, "bytes", value);
    if (value.byteLength > maxBytes) {
      throw new ProtocolError(
        `Cannot read a message: ${path} has ${value.byteLength} bytes, the limit is ${maxBytes}`,
      );
    }
  };
}

/** A list of at most `maxItems` items of one shape. */
export function list(item: Shape, maxItems: number): Shape {
  return (value, path) => {
    if (!Array.isArray(value)) wrong(path, "a list", value);
    if (value.length > maxItems) {
      throw new ProtocolError(
        `Cannot read a message: ${path} has ${value.length} items, the limit is ${maxItems}`,
      );
    }
    for (let i = 0; i < value.length; i++) item(value[i], `${path}[${i}]`);
  };
}

/** An object whose named fields have their shapes; other fields are ignored, so that a newer peer may add some. */
export function fields(shapes: Readonly<Record<string, Shape>>): Shape {
  const entries = Object.entries(shapes);
  return (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      wrong(path, "an object", value);
    }
    for (const [name, shape] of entries) {
      shape((value as Record<string, unknown>)[name], `${path}.${name}`);
    }
  };
}

/** A shape that may be absent. */
export function optional(shape: Shape): Shape {
  return (value, path) => {
    if (value !== undefined) shape(value, path);
  };
}

/** A union on `type`. */
export function tagged(variants: Readonly<Record<string, Shape>>): Shape {
  const shapes = new Map(Object.entries(variants));
  return (value, path) => {
    if (typeof value !== "object" || value === null) wrong(path, "an object", value);
    const tag = (value as { type?: unknown }).type;
    const shape = typeof tag === "string" ? shapes.get(tag) : undefined;
    if (shape === undefined) {
      const found = typeof tag === "string" ? JSON.stringify(tag.slice(0, 60)) : `a ${typeof tag}`;
      throw new ProtocolError(`Cannot read a message: ${path}.type is unknown: ${found}`);
    }
    shape(value, path);
  };
}

/** Amounts by name, none negative, none infinite. */
export function amounts(maxNames: number): Shape {
  return (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      wrong(path, "an object", value);
    }
    const names = Object.entries(value);
    if (names.length > maxNames) {
      throw new ProtocolError(
        `Cannot read a message: ${path} has ${names.length} names, the limit is ${maxNames}`,
      );
    }
    for (const [name, amount] of names) {
      if (typeof amount !== "number" || !(amount >= 0 && amount < Infinity)) {
        wrong(`${path}.${name}`, "a number from 0", amount);
      }
    }
  };
}

/** An object of plain data: at most so deep, and with so many values in all. */
export function plain(limits: { readonly maxDepth: number; readonly maxItems: number }): Shape {
  return (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      wrong(path, "an object", value);
    }
    let items = 0;
    const visit = (inner: unknown, depth: number) => {
      if (typeof inner !== "object" || inner === null || ArrayBuffer.isView(inner)) return;
      const values = Object.values(inner);
      items += values.length;
      if (depth > limits.maxDepth || items > limits.maxItems) {
        throw new ProtocolError(`Cannot read a message: ${path} is too deep or too large`);
      }
      for (const each of values) visit(each, depth + 1);
    };
    visit(value, 0);
  };
}
