import { encodeMessage, requirePlain } from "../../src/base/value_codec.ts";
import { MAX_ERROR_CAUSES, MAX_ERROR_ERRORS } from "../protocol/limits.ts";
import type { ErrorDetails, ThrownError } from "../scheduler/types.ts";

const MAX_TEXT = 16_000;
const MAX_NAME = 200;
/** Of all properties of one error, encoded. */
const MAX_PROPERTIES_BYTES = 8 * 1024;
/** What every error has, or what is told apart from its properties. */
const KNOWN = new Set(["name", "message", "stack", "cause", "errors"]);

/** What was thrown, as data: its class, message and stack, with the causes and the errors inside, and its properties as
 * far as they are plain data. Causes are followed to a depth, so that one that leads back to itself ends. */
export function describeError(thrown: unknown, depth = 0): ThrownError {
  if (!(thrown instanceof Error)) {
    const message = `A value was thrown that is no Error: ${textOf(thrown)}`;
    return { name: "Error", message: message.slice(0, MAX_TEXT), stack: "" };
  }
  const details = detailsOf(thrown, depth);
  const { name, message } = thrown;
  const inner = [details.cause, ...details.errors ?? []].filter((error) => error !== undefined);
  const stack = [
    thrown.stack ?? `${name}: ${message}`,
    ...inner.map((error) => `Caused by: ${error.stack}`),
  ].join("\n");
  return {
    name: String(name).slice(0, MAX_NAME),
    message: String(message).slice(0, MAX_TEXT),
    stack: stack.slice(0, MAX_TEXT),
    ...details,
  };
}

function detailsOf(error: Error, depth: number): ErrorDetails {
  const properties = propertiesOf(error);
  const isDeep = depth >= MAX_ERROR_CAUSES;
  const errors = error instanceof AggregateError && !isDeep
    ? error.errors.slice(0, MAX_ERROR_ERRORS).map((each) => describeError(each, depth + 1))
    : undefined;
  return {
    ...(properties && { properties }),
    ...(error.cause !== undefined && !isDeep && { cause: describeError(error.cause, depth + 1) }),
    ...(errors && { errors }),
  };
}

function propertiesOf(error: Error): Record<string, unknown> | undefined {
  const properties: Record<string, unknown> = {};
  let sizeBytes = 0;
  for (const [name, value] of Object.entries(error)) {
    if (KNOWN.has(name) || name.length > MAX_NAME) continue;
    const bytes = sizeOfPlain(value);
    if (bytes === undefined || sizeBytes + bytes > MAX_PROPERTIES_BYTES) continue;
    sizeBytes += bytes;
    properties[name] = value;
  }
  return sizeBytes === 0 ? undefined : properties;
}

/** The bytes of plain data as it travels in messages; undefined for anything else. */
function sizeOfPlain(value: unknown): number | undefined {
  try {
    requirePlain(value);
    return hasNumbers(value) ? undefined : encodeMessage(value).byteLength;
  } catch {
    return undefined;
  }
}

/** Whether there is a typed array in it that is more than bytes. */
function hasNumbers(value: unknown): boolean {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return false;
  return ArrayBuffer.isView(value) || Object.values(value).some(hasNumbers);
}

function textOf(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return "it cannot be shown";
  }
}
