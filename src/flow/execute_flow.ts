import { codedMessage, errorMessage } from "../base/errors.ts";
import { CancelScope } from "./cancel_scope.ts";
import type { FlowClock } from "./flow_clock.ts";
import { AttemptTimedOutError, isRetriable } from "./flow_errors.ts";
import type { FlowDefinition } from "./flow_options.ts";
import type { FlowRun } from "./flow_run.ts";
import { retryDelayMs } from "./retry_delay.ts";
import { listenForRequests } from "./run_requests.ts";
import { rollBackLeftovers } from "./roll_back.ts";
import { callInContext } from "./run_context.ts";
import { waitFor } from "./wait_for.ts";

/** How long the function of a run that was cancelled or has failed may take to its end, before it is left behind. */
const CANCEL_GRACE_MS = 2000;

/** Executes a claimed run to its end, in as many attempts as its flow is allowed, and releases it.
 * @returns what the function returned
 * @throws why the run did not complete */
export async function executeFlow(
  flowRun: FlowRun,
  definition: FlowDefinition,
  args: readonly unknown[],
): Promise<unknown> {
  const stopListening = listenForRequests(flowRun);
  try {
    flowRun.emitStarted();
    const ending = await runAttempts(flowRun, definition, args);
    await flowRun.hooksEnded();
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

type Ending =
  | { readonly type: "completed"; readonly value: unknown }
  | { readonly type: "ended badly"; readonly error: unknown };

async function runAttempts(
  flowRun: FlowRun,
  definition: FlowDefinition,
  args: readonly unknown[],
): Promise<Ending> {
  for (let attempt = 1;; attempt++) {
    const ending = await runAttempt(flowRun, definition, args);
    if (ending.type === "completed") return ending;
    const cancelled = await flowRun.endIfCancelled();
    if (cancelled !== undefined) return { type: "ended badly", error: cancelled };
    const { error } = ending;
    if (attempt > definition.retries || !isRetriable(error)) {
      const state = error instanceof AttemptTimedOutError ? "TimedOut" : "Failed";
      await flowRun.move(state, codedMessage(error));
      return ending;
    }
    const delayMs = retryDelayMs(definition.backoff, attempt, flowRun.rng);
    await flowRun.move(
      "AttemptFailed",
      `${errorMessage(error)}; tried again in ${Math.round(delayMs)} ms`,
    );
    await waitFor(delayMs, flowRun.clock, flowRun.scope);
    const cancelledMeanwhile = await flowRun.endIfCancelled();
    if (cancelledMeanwhile !== undefined) {
      return { type: "ended badly", error: cancelledMeanwhile };
    }
    await flowRun.move("RetryStarted", "");
  }
}

/** Calls the function once. Whatever it started has ended when this resolves. */
async function runAttempt(
  flowRun: FlowRun,
  { call, timeoutMs }: FlowDefinition,
  args: readonly unknown[],
): Promise<Ending> {
  const scope = new CancelScope(flowRun.scope);
  const stopTimer = timeoutMs === undefined ? () => {} : flowRun.clock.after(timeoutMs, () => {
    scope.cancel(new AttemptTimedOutError(`it took longer than ${timeoutMs} ms`));
  });
  let work: Promise<unknown> = Promise.resolve();
  try {
    await rollBackLeftovers(flowRun);
    const context = { flowRun, scope, task: undefined, transaction: undefined };
    work = callInContext(context, () => call(args));
    const value = await scope.race(work);
    await scope.race(flowRun.settle());
    await flowRun.complete(scope, value);
    return { type: "completed", value };
  } catch (error) {
    // Whatever is still running has to end first: nothing of a run goes on after it.
    scope.cancel(toError(error));
    await flowRun.idle();
    await untilEndOf(work, flowRun.clock);
    return {
      type: "ended badly",
      error: scope.reason instanceof AttemptTimedOutError ? scope.reason : error,
    };
  } finally {
    stopTimer();
    scope.close();
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

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(errorMessage(thrown), { cause: thrown });
}
