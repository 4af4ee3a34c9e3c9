import { decodeValue, encodeValue } from "../../src/base/value_codec.ts";
import { errorMessage } from "../../src/base/errors.ts";
import { sha256Hex } from "../../src/base/hash.ts";
import { encodeObject } from "../../src/base/object_codec.ts";
import { isObjectRef } from "../protocol/object_ref.ts";
import { TASK_BODY } from "../protocol/body.ts";
import { MAX_INLINE_BYTES } from "../protocol/limits.ts";
import type {
  ArgumentSources,
  ExecutorAnswer,
  ExecutorInput,
  RunAttempt,
} from "../protocol/messages.ts";
import { decodeTaskPayload, isDependencyArgument } from "../protocol/task_payload.ts";
import type { TaskScope } from "../protocol/task_scope.ts";
import type { ResultRef } from "../scheduler/types.ts";
import { describeError } from "./describe_error.ts";
import { endOutput } from "./executor_stdio.ts";
import { sendItems } from "./item_sender.ts";
import { readObjectFile } from "./map_file.ts";
import { writeObject } from "./object_writer.ts";

type TaskFunction = (...args: unknown[]) => unknown;

/** Runs an attempt: loads its function, reads its arguments, and keeps its result.
 * @returns how it ended; whatever is thrown is an answer */
export async function runAttempt(
  message: RunAttempt,
  objectFolder: string,
  scope: TaskScope,
): Promise<ExecutorAnswer> {
  const { attemptId } = message;
  const startedAt = performance.now();
  const payload = decodeTaskPayload(message.payload);
  for (const [name, value] of Object.entries(payload.env)) Deno.env.set(name, value);
  try {
    const run = await loadFunction((message.codeUrl ?? "") + payload.module, payload.exportName);
    const args = await resolveArguments(message, decodeValue(payload.args) as unknown[]);
    const given = await run(...args);
    const value = payload.isStream ? await stream(given, payload.exportName, scope) : given;
    const result = await storeResult(value, objectFolder);
    const wroteOutput = endOutput(attemptId);
    const durationMs = performance.now() - startedAt;
    return { type: "Succeeded", attemptId, wroteOutput, result, durationMs };
  } catch (thrown) {
    return {
      type: "Failed",
      attemptId,
      wroteOutput: endOutput(attemptId),
      error: failure(thrown),
      durationMs: performance.now() - startedAt,
    };
  } finally {
    // The next task must not see this one's environment.
    for (const name of Object.keys(payload.env)) Deno.env.delete(name);
  }
}

/** What was thrown, as an answer tells it. */
export function failure(thrown: unknown): Extract<ExecutorAnswer, { type: "Failed" }>["error"] {
  const { name, message, stack, ...details } = describeError(thrown);
  return { name, message, stack, details };
}

/** Functions by module and name. A module is loaded once in the life of a process anyway. */
const loaded = new Map<string, TaskFunction>();

/** The function, or the class, that a module exports under a name.
 * @throws {TypeError} when there is none */
export async function loadFunction(module: string, exportName: string): Promise<TaskFunction> {
  const key = `${module}#${exportName}`;
  const known = loaded.get(key);
  if (known !== undefined) return known;
  const exports = await importModule(module);
  const value = exports[exportName] as { [TASK_BODY]?: unknown } | null | undefined;
  const body = value?.[TASK_BODY] ?? value;
  if (typeof body !== "function") {
    const found = Object.hasOwn(exports, exportName)
      ? `what ${module} exports under this name is no function, it is ${kindOf(body)}`
      : `${module} exports no such function; it exports ${
        Object.keys(exports).join(", ") || "nothing"
      }`;
    throw new TypeError(`Cannot run ${exportName}: ${found}`);
  }
  loaded.set(key, body as TaskFunction);
  return body as TaskFunction;
}

async function importModule(module: string): Promise<Record<string, unknown>> {
  try {
    return await import(module);
  } catch (error) {
    throw new Error(`Cannot load the module ${module}: ${errorMessage(error)}`, { cause: error });
  }
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** The arguments of a call, with the values in place of what stands for them. */
export async function resolveArguments(
  message: ArgumentSources,
  args: readonly unknown[],
): Promise<unknown[]> {
  const paths = new Map(message.objects.map(({ objectId, path }) => [objectId, path]));
  return await Promise.all(args.map((arg): unknown => {
    if (isObjectRef(arg)) return readObjectFile(paths.get(arg.$object) ?? "");
    if (isDependencyArgument(arg)) return readInput(message.inputs[arg.$dependency]);
    return arg;
  }));
}

/** The value that an input holds. */
export async function readInput(input: ExecutorInput): Promise<unknown> {
  return input.type === "inline" ? decodeValue(input.bytes) : await readObjectFile(input.path);
}

/** Encodes a result, and keeps it as an object of this node if it is large. */
export function storeResult(value: unknown, objectFolder: string): Promise<ResultRef> {
  // The daemon sends it on, when it hears of it.
  return store(
    value,
    "result",
    (objectId, object) => writeObject(objectFolder, objectId, object),
  );
}

/** Sends what a generator gives, item by item.
 * @returns how many there were */
async function stream(given: unknown, exportName: string, scope: TaskScope): Promise<number> {
  if (!isIterable(given)) {
    throw new TypeError(
      `Cannot stream ${exportName}: it gives ${kindOf(given)}, where a generator gives items`,
    );
  }
  const { channel } = scope;
  const keep = (item: unknown) =>
    store(item, "item", (objectId, object) => channel.store(objectId, object));
  return await sendItems(given, scope, keep);
}

function isIterable(value: unknown): value is AsyncIterable<unknown> | Iterable<unknown> {
  return typeof value === "object" && value !== null &&
    (Symbol.asyncIterator in value || Symbol.iterator in value);
}

/** A value as it travels: in a message, or as an object that `keep` takes.
 * @param what the value is, for the path in errors */
async function store(
  value: unknown,
  what: string,
  keep: (objectId: string, object: Uint8Array<ArrayBuffer>) => Promise<void>,
): Promise<ResultRef> {
  const bytes = encodeValue(value, what);
  if (bytes.byteLength <= MAX_INLINE_BYTES) return { type: "inline", bytes };
  const object = encodeObject(value);
  const objectId = sha256Hex(object);
  await keep(objectId, object);
  return { type: "stored", objectId, sizeBytes: object.byteLength };
}
