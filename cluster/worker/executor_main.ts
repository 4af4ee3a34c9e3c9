/** An executor: a process of its own that runs tasks, one at a time, until its daemon closes the connection.
 * Started by the daemon with the path of a Unix socket and the folder of the node's objects. */
import { createHash } from "node:crypto";
import { decodeValue, encodeValue } from "../../src/base/value_codec.ts";
import { newId } from "../../src/base/ids.ts";
import { isObjectRef } from "../protocol/object_ref.ts";
import { TASK_BODY } from "../protocol/body.ts";
import { decodeExecutorFrame, encodeFrame, MAX_INLINE_BYTES } from "../protocol/codec.ts";
import type {
  DaemonToExecutorMessage,
  ExecutorInput,
  ExecutorMessage,
} from "../protocol/messages.ts";
import { decodeTaskPayload, isDependencyArgument } from "../protocol/task_payload.ts";
import type { ResultRef } from "../scheduler/types.ts";
import { FrameStream } from "./frame_stream.ts";

const OBJECT_CACHE_BYTES = 256 * 1024 * 1024;

/** Bytes of objects that were read lately, so that a thousand tasks on one matrix read its file once. Every task gets
 * its own decoded value: one that writes into its argument harms nobody else. */
class ObjectCache {
  readonly #bytes = new Map<string, Uint8Array>();
  #sizeBytes = 0;

  async read(objectId: string, path: string): Promise<Uint8Array> {
    const cached = this.#bytes.get(objectId);
    const bytes = cached ?? await Deno.readFile(path);
    this.#bytes.delete(objectId);
    this.#bytes.set(objectId, bytes);
    if (cached === undefined) this.#sizeBytes += bytes.byteLength;
    for (const [id, { byteLength }] of this.#bytes) {
      if (this.#sizeBytes <= OBJECT_CACHE_BYTES || id === objectId) break;
      this.#bytes.delete(id);
      this.#sizeBytes -= byteLength;
    }
    return bytes;
  }
}

type TaskFunction = (...args: unknown[]) => unknown;

async function main(socketPath: string, objectFolder: string): Promise<void> {
  const stream = new FrameStream(await Deno.connect({ transport: "unix", path: socketPath }));
  const cache = new ObjectCache();
  await stream.write(encodeFrame([{ type: "Ready", pid: Deno.pid }]));
  for await (const frame of stream.frames()) {
    for (const message of decodeExecutorFrame(frame)) {
      await stream.write(encodeFrame([await run(message, cache, objectFolder)]));
    }
  }
}

async function run(
  message: DaemonToExecutorMessage,
  cache: ObjectCache,
  objectFolder: string,
): Promise<ExecutorMessage> {
  const { attemptId } = message;
  const startedAt = performance.now();
  const payload = decodeTaskPayload(message.payload);
  for (const [name, value] of Object.entries(payload.env)) Deno.env.set(name, value);
  try {
    const run = await load(payload.module, payload.exportName);
    const args = await resolveArguments(message, payload.args, cache);
    const bytes = encodeValue(await run(...args));
    const result = await storeResult(bytes, objectFolder);
    return { type: "Succeeded", attemptId, result, durationMs: performance.now() - startedAt };
  } catch (thrown) {
    return {
      type: "Failed",
      attemptId,
      error: describe(thrown),
      durationMs: performance.now() - startedAt,
    };
  } finally {
    // The next task must not see this one's environment.
    for (const name of Object.keys(payload.env)) Deno.env.delete(name);
  }
}

/** Functions by module and name. A module is loaded once in the life of a process anyway. */
const loaded = new Map<string, TaskFunction>();

async function load(module: string, exportName: string): Promise<TaskFunction> {
  const key = `${module}#${exportName}`;
  const known = loaded.get(key);
  if (known !== undefined) return known;
  const exports: Record<string, unknown> = await import(module);
  const value = exports[exportName] as { [TASK_BODY]?: unknown } | undefined;
  const body = value?.[TASK_BODY] ?? value;
  if (typeof body !== "function") {
    const names = Object.keys(exports).join(", ") || "nothing";
    throw new TypeError(
      `Cannot run ${exportName}: ${module} exports no such function; it exports ${names}`,
    );
  }
  loaded.set(key, body as TaskFunction);
  return body as TaskFunction;
}

async function resolveArguments(
  message: DaemonToExecutorMessage,
  encodedArgs: Uint8Array,
  cache: ObjectCache,
): Promise<unknown[]> {
  const paths = new Map(message.objects.map(({ objectId, path }) => [objectId, path]));
  const args = decodeValue(encodedArgs) as unknown[];
  return await Promise.all(args.map(async (arg) => {
    if (isObjectRef(arg)) {
      return decodeValue(await cache.read(arg.$object, paths.get(arg.$object) ?? ""));
    }
    if (isDependencyArgument(arg)) {
      return decodeValue(await readInput(message.inputs[arg.$dependency]));
    }
    return arg;
  }));
}

async function readInput(input: ExecutorInput): Promise<Uint8Array> {
  return input.type === "inline" ? input.bytes : await Deno.readFile(input.path);
}

async function storeResult(bytes: Uint8Array, objectFolder: string): Promise<ResultRef> {
  if (bytes.byteLength <= MAX_INLINE_BYTES) return { type: "inline", bytes };
  const objectId = createHash("sha256").update(bytes).digest("hex");
  const temporaryPath = `${objectFolder}/.${newId("tmp")}`;
  await Deno.writeFile(temporaryPath, bytes);
  await Deno.rename(temporaryPath, `${objectFolder}/${objectId}`);
  return { type: "stored", objectId, sizeBytes: bytes.byteLength };
}

const MAX_TEXT = 16_000;

function describe(thrown: unknown): { name: string; message: string; stack: string } {
  if (!(thrown instanceof Error)) {
    return {
      name: "Error",
      message: `A value was thrown that is no Error: ${String(thrown)}`,
      stack: "",
    };
  }
  const cause = thrown.cause === undefined ? "" : `\nCaused by: ${describe(thrown.cause).stack}`;
  return {
    name: thrown.name.slice(0, 200),
    message: thrown.message.slice(0, MAX_TEXT),
    stack: `${thrown.stack ?? `${thrown.name}: ${thrown.message}`}${cause}`.slice(0, MAX_TEXT),
  };
}

if (import.meta.main) {
  const [socketPath, objectFolder] = Deno.args;
  await main(socketPath, objectFolder);
  // Work that a task left behind (timers, sockets) must not keep a process alive that nobody needs.
  Deno.exit(0);
}
