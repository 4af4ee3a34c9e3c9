import { SharedValue } from "./shared_value.ts";

const MAX_DEPTH = 3;
const MAX_ITEMS = 8;
const MAX_TEXT_LENGTH = 60;

/** The arguments of a call in one short line, for logs and messages: large ones by their type and size.
 * @param maxLength of the line, in characters */
export function summarizeArguments(args: readonly unknown[], maxLength: number): string {
  return shorten(args.map((arg) => summarize(arg, 0)).join(", "), maxLength);
}

function summarize(value: unknown, depth: number): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(shorten(value, MAX_TEXT_LENGTH));
    case "function":
      return "function";
    case "object":
      return value === null ? "null" : summarizeObject(value, depth);
    default:
      return String(value);
  }
}

function summarizeObject(value: object, depth: number): string {
  if (value instanceof SharedValue) return `shared ${value.hash.slice(0, 8)}`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "no date" : value.toISOString();
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}(${value.byteLength} bytes)`;
  if (Array.isArray(value)) {
    if (depth >= MAX_DEPTH) return `Array(${value.length})`;
    const items = value.slice(0, MAX_ITEMS).map((item) => summarize(item, depth + 1));
    return `[${withRest(items, value.length)}]`;
  }
  if (depth >= MAX_DEPTH) return "{…}";
  const keys = Object.keys(value);
  const members = keys.slice(0, MAX_ITEMS).map((key) =>
    `${key}: ${summarize((value as Record<string, unknown>)[key], depth + 1)}`
  );
  return `{${withRest(members, keys.length)}}`;
}

function withRest(parts: readonly string[], count: number): string {
  const rest = count > parts.length ? [`… ${count - parts.length} more`] : [];
  return [...parts, ...rest].join(", ");
}

function shorten(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`;
}
