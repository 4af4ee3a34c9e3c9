import { errorMessage } from "../base/errors.ts";
import { sha256Hex } from "../base/hash.ts";
import { parseRunId } from "../base/ids.ts";
import { summarizeArguments } from "./argument_summary.ts";
import type { TaskCluster } from "./cluster_link.ts";
import { type FlowClock, systemFlowClock } from "./flow_clock.ts";
import { FlowCancelledError } from "./flow_errors.ts";
import type { FlowEvent } from "./flow_events.ts";
import { FlowRun } from "./flow_run.ts";
import { callInContext } from "./run_context.ts";
import type { FlowStore } from "./store.ts";

/** What an execution of a flow needs. */
export interface FlowRunOptions {
  /** Where states and results are kept. */
  readonly store: FlowStore;
  /** Names the run. One that was cancelled, failed, or whose process died goes on under its id. */
  readonly runId: string;
  /** Connects to a cluster; called once, by the first cluster task that is not in the cache. The caller closes the
   * client, also one that arrives after the run was cancelled. */
  readonly cluster?: () => Promise<TaskCluster>;
  /** Aborting it cancels the run. */
  readonly signal?: AbortSignal;
  /** Told of what happens, after it is stored. What it throws fails the run. */
  readonly onEvent?: (event: FlowEvent) => void;
  /** Default: the machine's. */
  readonly clock?: FlowClock;
  /** Of the jitter of retries; default: made of the run id. */
  readonly seed?: number;
}

/** A flow: called, it is the plain function, a part of whatever run it is called in; `run` executes it as a run. */
export interface Flow<A extends unknown[], R> {
  (...args: A): Promise<R>;
  /** In the store and in logs. */
  readonly flowName: string;
  /** Executes the flow: the tasks that it calls become task runs, and what an earlier execution of them left in the
   * cache is not computed again.
   * @throws {FlowCancelledError} when the signal was aborted
   * @throws {UserError} for a bad run id, and for a run that is completed, another flow's, or being executed by a
   * living process
   * @throws whatever the function threw, a {@linkcode TaskRunFailedError} where a task failed */
  run(args: A, options: FlowRunOptions): Promise<R>;
}

/** Makes a flow of a function that calls tasks.
 * @param name of the flow, in the store and in logs */
export function flow<A extends unknown[], R>(
  name: string,
  fn: (...args: A) => R | Promise<R>,
): Flow<A, Awaited<R>> {
  const call = async (...args: A): Promise<Awaited<R>> => await fn(...args);
  const run = (args: A, options: FlowRunOptions): Promise<Awaited<R>> =>
    runFlow(name, () => call(...args), args, options);
  return Object.assign(call, { flowName: name, run });
}

const PARAMETERS_SUMMARY_LENGTH = 2000;
const CANCEL_GRACE_MS = 2000;

async function runFlow<R>(
  flowName: string,
  call: () => Promise<R>,
  args: readonly unknown[],
  options: FlowRunOptions,
): Promise<R> {
  const runId = parseRunId(options.runId);
  if (options.signal?.aborted) throw cancellation(runId, options.signal);
  const flowRun = claimRun(flowName, runId, args, options);
  const stopListening = listenForAbort(flowRun, options.signal);
  try {
    flowRun.emitStarted();
    const ending = await execute(flowRun, call);
    if (ending.type === "completed") {
      flowRun.emitFinished("");
      return ending.value;
    }
    flowRun.emitFinished(errorMessage(ending.error));
    throw ending.error;
  } finally {
    stopListening();
    flowRun.release();
  }
}

function claimRun(
  flowName: string,
  runId: string,
  args: readonly unknown[],
  options: FlowRunOptions,
): FlowRun {
  const { store, cluster, onEvent, clock = systemFlowClock } = options;
  const claimed = store.runs.claim({
    runId,
    flowName,
    parameters: summarizeArguments(args, PARAMETERS_SUMMARY_LENGTH),
    ownerPid: Deno.pid,
    nowMs: clock.nowMs(),
  });
  const seed = options.seed ?? Number.parseInt(sha256Hex(runId).slice(0, 8), 16);
  return new FlowRun({ flowName, runId, claimed, store, clock, cluster, onEvent, seed });
}

type Ending<R> =
  | { readonly type: "completed"; readonly value: R }
  | { readonly type: "ended badly"; readonly error: unknown };

async function execute<R>(flowRun: FlowRun, call: () => Promise<R>): Promise<Ending<R>> {
  const { scope } = flowRun;
  const work = callInContext({ flowRun, scope }, call);
  try {
    const value = await scope.race(work);
    await scope.race(flowRun.settle());
    if (flowRun.state === "Cancelling") await scope.race(new Promise<never>(() => {}));
    await flowRun.move("Succeeded", "");
    return { type: "completed", value };
  } catch (error) {
    // Whatever is still running has to end first: nothing of a run goes on after it.
    scope.cancel(toError(error));
    await flowRun.idle();
    await untilEndOf(work, flowRun.clock);
    const reason = errorMessage(scope.reason);
    await flowRun.move(flowRun.state === "Cancelling" ? "CancelConfirmed" : "Failed", reason);
    return {
      type: "ended badly",
      error: scope.reason instanceof FlowCancelledError ? scope.reason : error,
    };
  }
}

/** Lets the function of a flow that was cancelled come to its end, `catch` and `finally` included: its tasks have
 * rejected. One that waits for something else and takes no notice is left behind. */
async function untilEndOf(work: Promise<unknown>, clock: FlowClock): Promise<void> {
  const ended = Promise.withResolvers<void>();
  work.then(() => ended.resolve(), () => ended.resolve());
  const stopTimer = clock.after(CANCEL_GRACE_MS, ended.resolve);
  await ended.promise;
  stopTimer();
}

/** Has the run cancelled when the signal is aborted: stored first, then done. */
function listenForAbort(flowRun: FlowRun, signal: AbortSignal | undefined): () => void {
  if (signal === undefined) return () => {};
  const onAbort = async () => {
    if (flowRun.state !== "Running" || flowRun.scope.reason !== undefined) return;
    const reason = cancellation(flowRun.runId, signal);
    try {
      await flowRun.move("CancelRequested", reason.message);
      flowRun.scope.cancel(reason);
    } catch (error) {
      flowRun.scope.cancel(toError(error));
    }
  };
  signal.addEventListener("abort", onAbort, { once: true });
  return () => signal.removeEventListener("abort", onAbort);
}

function cancellation(runId: string, signal: AbortSignal): FlowCancelledError {
  return new FlowCancelledError(`Run ${runId} was cancelled: ${errorMessage(signal.reason)}`, {
    cause: signal.reason,
  });
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(errorMessage(thrown), { cause: thrown });
}
