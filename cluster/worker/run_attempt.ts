import { errorMessage } from "../../src/base/errors.ts";
import { traceRun } from "../../src/base/tracing.ts";
import { decodeValue, encodeValue } from "../../src/base/value_codec.ts";
import { findObject, writeObject } from "../objects/object_folders.ts";
import type { ObjectFolders } from "../objects/object_folders.ts";
import { roughBytes } from "../objects/rough_size.ts";
import { encodeStored, isFrame, readStoredFile } from "../objects/value_file.ts";
import { isObjectRef } from "../protocol/object_ref.ts";
import { TASK_BODY } from "../protocol/body.ts";
import { MAX_INLINE_BYTES } from "../protocol/limits.ts";
import type { ArgumentSources, ExecutorAnswer, RunAttempt } from "../protocol/messages.ts";
import { isDependencyArgument, readTaskArguments, readTaskCall } from "../protocol/task_payload.ts";
import type { TaskScope } from "../protocol/task_scope.ts";
import type { AttemptId, ObjectSize, ResultRef, StreamResume } from "../scheduler/types.ts";
import { describeError } from "./describe_error.ts";
import { endOutput } from "./executor_stdio.ts";
import { sendItems } from "./item_sender.ts";
import { enterEnvironment, restoreEnvironment } from "./task_environment.ts";

type TaskFunction = (...args: unknown[]) => unknown;

/** Runs an attempt: loads its function, reads its arguments, and keeps its result.
 * @returns how it ended; whatever is thrown is an answer */
export async function runAttempt(
  message: RunAttempt,
  folders: ObjectFolders,
  scope: TaskScope,
): Promise<ExecutorAnswer> {
  const { attemptId } = message;
  const startedAt = performance.now();
  try {
    const call = readTaskCall(message.payload);
    enterEnvironment(call.env);
    const run = await loadFunction((message.codeUrl ?? "") + call.module, call.exportName);
    const given = readTaskArguments(message.payload);
    const args = await resolveArguments(message, given, folders);
    const value = await traceRun(call.exportName, call.traceparent, async () => {
      const returned = await run(...args);
      return call.stream !== undefined
        ? await stream(returned, call.exportName, call.stream, scope)
        : requireNoGenerator(returned, call.exportName);
    });
    const result = await storeResult(value, folders);
    const wroteOutput = endOutput(attemptId);
    const durationMs = performance.now() - startedAt;
    return { type: "Succeeded", attemptId, wroteOutput, result, durationMs };
  } catch (thrown) {
    const wroteOutput = endOutput(attemptId);
    return failedAnswer(attemptId, thrown, wroteOutput, performance.now() - startedAt);
  } finally {
    restoreEnvironment();
  }
}

/** What was thrown, as an answer tells it. */
function failure(thrown: unknown): Extract<ExecutorAnswer, { type: "Failed" }>["error"] {
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

/** How an attempt ended that threw. */
export function failedAnswer(
  attemptId: AttemptId,
  thrown: unknown,
  wroteOutput: boolean,
  durationMs: number,
): ExecutorAnswer {
  if (thrown instanceof MissingObjectError) {
    const { objectId, message } = thrown;
    const objectIds = [objectId];
    return { type: "Starved", attemptId, wroteOutput, objectIds, message, durationMs };
  }
  return { type: "Failed", attemptId, wroteOutput, error: failure(thrown), durationMs };
}

/** An object that should be on this node is not, or its file is no object. */
class MissingObjectError extends Error {
  override readonly name = "MissingObjectError";
  constructor(readonly objectId: string, reason: string) {
    super(`Cannot read object ${objectId} on this node: ${reason}`);
  }
}

/** The arguments of a call, with the values in place of what stands for them. */
export async function resolveArguments(
  message: ArgumentSources,
  args: readonly unknown[],
  folders: ObjectFolders,
): Promise<readonly unknown[]> {
  if (!args.some((arg) => isObjectRef(arg) || isDependencyArgument(arg))) return args;
  return await Promise.all(args.map((arg): unknown => {
    if (isObjectRef(arg)) return readStored(arg.$object, folders);
    if (isDependencyArgument(arg)) return readInput(message.inputs[arg.$dependency], folders);
    return arg;
  }));
}

/** The value that an input holds. */
export async function readInput(input: ResultRef, folders: ObjectFolders): Promise<unknown> {
  if (input.type === "inline") return decodeValue(input.bytes);
  return await readStored(input.objectId, folders);
}

/** Encodes a result, and keeps it as an object of this node if it is large: the daemon tells the head of it. */
export function storeResult(value: unknown, folders: ObjectFolders): Promise<ResultRef> {
  return store(value, "result", (parts) => writeObject(folders, parts));
}

/** Sends what a generator gives, item by item.
 * @returns how many there were */
async function stream(
  given: unknown,
  exportName: string,
  resume: StreamResume,
  scope: TaskScope,
): Promise<number> {
  if (!isIterable(given)) {
    throw new TypeError(
      `Cannot stream ${exportName}: it gives ${kindOf(given)}, where a generator gives items`,
    );
  }
  const { channel } = scope;
  return await sendItems(given, resume, scope, (item) => store(item, "item", channel.store));
}

/** A generator has nothing that could be sent; its items have. */
function requireNoGenerator(returned: unknown, exportName: string): unknown {
  const tag = Object.prototype.toString.call(returned);
  if (tag !== "[object Generator]" && tag !== "[object AsyncGenerator]") return returned;
  throw new TypeError(
    `Cannot return the generator of ${exportName}: call it by stream(), which gives its items`,
  );
}

function isIterable(value: unknown): value is AsyncIterable<unknown> | Iterable<unknown> {
  return typeof value === "object" && value !== null &&
    (Symbol.asyncIterator in value || Symbol.iterator in value);
}

async function readStored(objectId: string, folders: ObjectFolders): Promise<unknown> {
  const found = findObject(folders, objectId);
  if (found === undefined) throw new MissingObjectError(objectId, "it has no file here");
  try {
    return await readStoredFile(found.path, folders.disk);
  } catch (error) {
    throw new MissingObjectError(objectId, errorMessage(error));
  }
}

/** A value as it travels: in a message when it is small, else, and when it is a dataframe, as an object that `keep` takes.
 * @param what the value is, for the path in errors */
async function store(
  value: unknown,
  what: string,
  keep: (parts: Uint8Array<ArrayBuffer>[]) => Promise<ObjectSize>,
): Promise<ResultRef> {
  if (!isFrame(value) && roughBytes(value, MAX_INLINE_BYTES) <= MAX_INLINE_BYTES) {
    const bytes = encodeValue(value, what);
    if (bytes.byteLength <= MAX_INLINE_BYTES) return { type: "inline", bytes };
  }
  return { type: "stored", ...await keep(encodeStored(value, what)) };
}
