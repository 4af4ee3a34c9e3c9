/** Tasks that submit tasks. */
import { delay } from "@std/async/delay";
import { currentClient, taskContext } from "../../../cluster/client/mod.ts";
import type { TaskContext } from "../../../cluster/client/mod.ts";
import { encodeFrame } from "../../../cluster/protocol/codec.ts";
import { PROTOCOL_VERSION } from "../../../cluster/protocol/messages.ts";
import type { ClientMessage, WireTask } from "../../../cluster/protocol/messages.ts";
import { encodeTaskPayload } from "../../../cluster/protocol/task_payload.ts";
import { currentScope } from "../../../cluster/protocol/task_scope.ts";

const MODULE = import.meta.url;

/** The n-th Fibonacci number, by two tasks for the two before it. */
export async function fib(n: number): Promise<number> {
  if (n < 2) return n;
  const client = currentClient();
  const parts = [n - 1, n - 2].map((k) =>
    client.submit<number>({ module: MODULE, exportName: "fib" }, [k]).result
  );
  const [a, b] = await Promise.all(parts);
  return a + b;
}

/** Submits itself, several times, and so on. */
export async function multiply(): Promise<void> {
  const client = currentClient();
  const again = () => client.submit({ module: MODULE, exportName: "multiply" }, []).result;
  await Promise.all(Array.from({ length: 8 }, again));
}

/** n tasks within each other: how deep they came. */
export async function nest(n: number): Promise<number> {
  if (n === 0) return 0;
  const { result } = currentClient().submit<number>({ module: MODULE, exportName: "nest" }, [
    n - 1,
  ]);
  return 1 + await result;
}

/** What it knows of itself. */
export function context(): Omit<TaskContext, "signal"> & { isAborted: boolean } {
  const { signal, ...rest } = taskContext();
  return { ...rest, isAborted: signal.aborted };
}

/** Sums an array that it puts, by a task that reads it. */
export async function sumOfOnes(n: number): Promise<number> {
  const client = currentClient();
  const ref = await client.put(new Float64Array(n).fill(1));
  const values = await client.get<Float64Array>(ref);
  const { result } = client.submit<number>({ module: MODULE, exportName: "sum" }, [ref]);
  return await result + values.length;
}

/** Sums. */
export function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Waits, then writes a file: a trace of having lived. */
export async function markAfter(ms: number, path: string): Promise<void> {
  await delay(ms);
  await Deno.writeTextFile(path, "done");
}

/** Submits two tasks that leave a mark, one of them detached, and ends without them. */
export async function leaveChildren(ms: number, folder: string): Promise<void> {
  const client = currentClient();
  const fn = { module: MODULE, exportName: "markAfter" };
  client.submit(fn, [ms, `${folder}/child`]);
  client.submit(fn, [ms, `${folder}/detached`], { isDetached: true });
  await delay(1);
}

/** Waits for a child that takes long; ends its process when it is told to. */
export async function holdChild(ms: number, path: string, dies: boolean): Promise<void> {
  const { result } = currentClient().submit({ module: MODULE, exportName: "markAfter" }, [
    ms,
    path,
  ]);
  if (dies) setTimeout(() => Deno.exit(3), 200);
  await result;
}

/** Ends well when it is told to stop. */
export async function untilAborted(path: string): Promise<void> {
  const { signal } = taskContext();
  if (!signal.aborted) {
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
  }
  await Deno.writeTextFile(path, "stopped");
}

/** Fails, in a child. */
export async function failInside(): Promise<never> {
  return await currentClient().submit<never>({ module: MODULE, exportName: "fail" }, []).result;
}

/** Fails. */
export function fail(): never {
  throw new RangeError("deep inside");
}

/** What a child sees of files: whether it can read `path`, and what it is told when it asks for everything. */
export async function readInChild(path: string): Promise<{ child: string; wider: string }> {
  const client = currentClient();
  const fn = { module: MODULE, exportName: "tryToRead" };
  const child = await client.submit<string>(fn, [path]).result;
  try {
    client.submit(fn, [path], { permissions: { read: ["/"] } });
    return { child, wider: "taken" };
  } catch (error) {
    return { child, wider: (error as Error).message };
  }
}

/** The text of a file, or the name of what forbids it. */
export async function tryToRead(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    return (error as Error).name;
  }
}

/** Speaks to the head as no client of ours would: asks for a child without its own bounds. */
export async function escape(path: string): Promise<string> {
  const scope = currentScope()!;
  const refused = Promise.withResolvers<string>();
  scope.channel.open({
    onFrame: () => {},
    onReturned: () => {},
    onLost: (error) => refused.resolve(error.message),
  });
  const call = { module: MODULE, exportName: "tryToRead", env: {} };
  const task: WireTask = {
    taskId: "escaped",
    name: "escape",
    payload: encodeTaskPayload(call, [path]),
    dependencies: [],
    objects: [],
    resources: { cpus: 1 },
    priority: 0,
    retry: { maxAttempts: 1, baseDelayMs: 0, maxDelayMs: 0 },
    runTimeoutMs: Infinity,
  };
  const hello = { type: "ClientHello", protocol: PROTOCOL_VERSION, clientId: "escape" } as const;
  const messages: ClientMessage[] = [hello, { type: "SubmitTasks", tasks: [task] }];
  scope.channel.send(encodeFrame(messages));
  return await refused.promise;
}
