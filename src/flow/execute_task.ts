import { errorMessage } from "../base/errors.ts";
import { sha256Hex } from "../base/hash.ts";
import { decodeValue, encodeValue } from "../base/value_codec.ts";
import { summarizeArguments } from "./argument_summary.ts";
import { Attempt, type Call } from "./attempt.ts";
import { cacheKey } from "./cache_key.ts";
import type { CancelScope } from "./cancel_scope.ts";
import { codeHash } from "./code_hash.ts";
import { failureState, isRetriable, TaskRunFailedError } from "./flow_errors.ts";
import type { FlowRun } from "./flow_run.ts";
import type { CachedResult } from "./store/result_cache.ts";
import type { OpenTransaction } from "./open_transaction.ts";
import { attachPaths, detachPaths } from "./portable_paths.ts";
import { retryDelayMs } from "./retry_delay.ts";
import { findShared, shareResult } from "./share_results.ts";
import { startAttempt } from "./start_attempt.ts";
import type { TaskDefinition } from "./task_definition.ts";
import type { TaskRun } from "./task_run.ts";
import { waitFor } from "./wait_for.ts";

const SUMMARY_LENGTH = 160;

/** Runs a task as a part of a flow run: from the cache, or in as many attempts as it is allowed. A call that equals
 * one which is still running waits for that one's result.
 * @param args values and {@linkcode SharedValue}s; what was submitted has to be awaited before
 * @param transaction that the call is a part of
 * @throws {TaskRunFailedError} when the last attempt failed, or the arguments cannot be hashed
 * @throws {Error} the scope's reason when it is cancelled */
export async function executeTask<R>(
  flowRun: FlowRun,
  task: TaskDefinition<R>,
  args: readonly unknown[],
  scope: CancelScope,
  transaction: OpenTransaction | undefined,
): Promise<R> {
  scope.throwIfCancelled();
  const summary = summarizeArguments(args, SUMMARY_LENGTH);
  const key = await makeKey(task, args, summary, flowRun.store.folder);
  const produce = () => produceResult({ flowRun, task, args, summary, key, scope, transaction });
  return await (key === undefined ? produce() : flowRun.inTurn(key, produce));
}

async function makeKey<R>(
  task: TaskDefinition<R>,
  args: readonly unknown[],
  summary: string,
  folder: string,
): Promise<string | undefined> {
  if (task.cachedModule === undefined) return undefined;
  try {
    return cacheKey({
      taskName: task.name,
      codeHash: await codeHash(task.cachedModule),
      args: detachPaths(args, folder),
    });
  } catch (error) {
    throw new TaskRunFailedError(task.name, summary, "Failed", 0, error);
  }
}

async function produceResult<R>(call: Call<R>): Promise<R> {
  const { flowRun, task, summary, key, scope } = call;
  scope.throwIfCancelled();
  const taskRun = flowRun.openTaskRun({
    taskName: task.name,
    arguments: summary,
    needs: flowRun.lineage.needs(call.args),
    cacheKey: key,
    tags: task.tags,
  }, task.onState);
  const value = await findOrCompute(call, taskRun);
  flowRun.lineage.note(value, taskRun.identity.seq);
  return value;
}

async function findOrCompute<R>(call: Call<R>, taskRun: TaskRun): Promise<R> {
  const { flowRun, key, scope } = call;
  if (flowRun.gate.isClosed) {
    await taskRun.defer("the run is paused");
    try {
      await flowRun.gate.pass(scope);
    } catch {
      return await cancel(taskRun, scope.reason!, () => {});
    }
    await taskRun.becomeDue();
  }
  if (key === undefined) return await runAttempts(call, taskRun, "");
  const found = await lookUp(call, taskRun, key);
  if (found.type === "missing") return await runAttempts(call, taskRun, found.reason);
  await taskRun.findInCache(key, found.sha256);
  return found.value;
}

type LookUp<R> =
  | { readonly type: "found"; readonly value: R; readonly sha256: string }
  | { readonly type: "missing"; readonly reason: string };

async function lookUp<R>(call: Call<R>, taskRun: TaskRun, key: string): Promise<LookUp<R>> {
  const { flowRun, task, summary, transaction } = call;
  const held = transaction?.find(key);
  if (held !== undefined) {
    const value = attachPaths(decodeValue(held.bytes) as R, flowRun.store.folder);
    return { type: "found", value, sha256: held.sha256 };
  }
  if (isRefreshed(flowRun.refresh, task.name)) {
    return { type: "missing", reason: "a new result was asked for" };
  }
  const cached = flowRun.store.results.find(key) ??
    await findShared(flowRun, taskRun.identity.seq, task.name, key);
  if (cached === undefined) return { type: "missing", reason: "" };
  if (flowRun.clock.nowMs() - cached.createdAtMs >= (task.cacheForMs ?? Infinity)) {
    return { type: "missing", reason: "the cached result is too old" };
  }
  try {
    const value = attachPaths(decodeValue(cached.bytes) as R, flowRun.store.folder);
    if (task.validate === undefined || await task.validate(value)) {
      return { type: "found", value, sha256: cached.sha256 };
    }
    return { type: "missing", reason: "the cached result is not valid any more" };
  } catch (error) {
    await taskRun.fail(error);
    throw new TaskRunFailedError(task.name, summary, "Failed", 0, error);
  }
}

function isRefreshed(refresh: boolean | readonly string[], taskName: string): boolean {
  return typeof refresh === "boolean" ? refresh : refresh.includes(taskName);
}

async function runAttempts<R>(call: Call<R>, taskRun: TaskRun, reason: string): Promise<R> {
  const { key, scope } = call;
  while (true) {
    if (scope.reason !== undefined) return await cancel(taskRun, scope.reason, () => {});
    try {
      await startAttempt(call, taskRun, reason);
    } catch (error) {
      if (scope.reason === undefined) throw error;
      return await cancel(taskRun, scope.reason, () => {});
    }
    const attempt = new Attempt(call, taskRun);
    const outcome = await settle(
      attempt,
      key === undefined ? undefined : call.flowRun.store.folder,
    );
    if (outcome.type === "succeeded") {
      await storeSuccess(call, taskRun, outcome.encoded);
      return outcome.value;
    }
    if (scope.reason !== undefined) {
      return await cancel(taskRun, scope.reason, () => attempt.stop());
    }
    await retryOrFail(call, taskRun, outcome.error);
  }
}

type AttemptOutcome<R> =
  | { readonly type: "succeeded"; readonly value: R; readonly encoded: CachedResult | undefined }
  | { readonly type: "failed"; readonly error: unknown };

/** @param folder that the result is kept in; undefined when it is not kept */
async function settle<R>(
  attempt: Attempt<R>,
  folder: string | undefined,
): Promise<AttemptOutcome<R>> {
  try {
    const value = await attempt.run();
    const encoded = folder === undefined ? undefined : encodeResult(value, folder);
    return { type: "succeeded", value, encoded };
  } catch (error) {
    return { type: "failed", error };
  }
}

/** One transaction of the store holds the result and the state which says that it is there. */
async function storeSuccess<R>(
  call: Call<R>,
  taskRun: TaskRun,
  encoded: CachedResult | undefined,
): Promise<void> {
  const { flowRun, task, key, transaction } = call;
  if (key !== undefined && encoded !== undefined && transaction !== undefined) {
    transaction.stage(task, taskRun.identity.seq, key, encoded);
  } else if (key !== undefined && encoded !== undefined) {
    const createdAtMs = flowRun.clock.nowMs();
    await shareResult(flowRun, taskRun.identity.seq, key, { ...encoded, createdAtMs });
    const storeResult = await flowRun.store.results.prepare(key, task.name, encoded, createdAtMs);
    storeResult();
  }
  await taskRun.succeed(encoded?.sha256);
}

function encodeResult(value: unknown, folder: string): CachedResult {
  try {
    const bytes = encodeValue(detachPaths(value, folder));
    return { bytes, sha256: sha256Hex(bytes) };
  } catch (error) {
    throw new TypeError(`Cannot store the result: ${errorMessage(error)}`, { cause: error });
  }
}

async function cancel(taskRun: TaskRun, reason: Error, stop: () => void): Promise<never> {
  await taskRun.cancel(reason.message, stop);
  throw reason;
}

/** Returns when it is time for another attempt, or when the scope is cancelled while waiting for it. */
async function retryOrFail<R>(call: Call<R>, taskRun: TaskRun, error: unknown): Promise<void> {
  const { flowRun, task, summary, scope } = call;
  const { attempt } = taskRun;
  if (attempt > task.retries || !isRetriable(error)) {
    await taskRun.fail(error);
    throw new TaskRunFailedError(task.name, summary, failureState(error), attempt, error);
  }
  const delayMs = retryDelayMs(task.backoff, attempt, flowRun.rng);
  await taskRun.awaitRetry(error, delayMs);
  await waitFor(delayMs, flowRun.clock, scope);
}
