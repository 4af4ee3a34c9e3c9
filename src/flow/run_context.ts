import { AsyncLocalStorage } from "node:async_hooks";
import type { CancelScope } from "./cancel_scope.ts";
import type { FlowRun } from "./flow_run.ts";
import type { OpenTransaction } from "./open_transaction.ts";
import type { TaskIdentity } from "./store/claimed_run.ts";
import type { ArtifactRecord } from "./store/run_records.ts";

/** The flow run that the running code belongs to, and what cancels that code. */
export interface RunContext {
  readonly flowRun: FlowRun;
  readonly scope: CancelScope;
  /** The task run that the code is of; undefined in the function of the flow. */
  readonly task: TaskIdentity | undefined;
  /** The transaction that the code is a part of. */
  readonly transaction: OpenTransaction | undefined;
}

const contexts = new AsyncLocalStorage<RunContext>();

/** The context of the code that calls; undefined outside of a flow run, as on a worker. */
export function currentContext(): RunContext | undefined {
  return contexts.getStore();
}

/** Calls a function, and all that it starts, in a context. */
export function callInContext<R>(context: RunContext, fn: () => R): R {
  return contexts.run(context, fn);
}

/** Calls a function as if it were called outside of any run. */
export function callOutside<R>(fn: () => R): R {
  return contexts.exit(fn);
}

/** The run that the calling code belongs to. */
export interface CurrentRun {
  /** Names it in its store. */
  readonly runId: string;
  /** The absolute folder that its store lies in. */
  readonly folder: string;
}

/** The run that the calling code belongs to; undefined outside of any, as on a worker. */
export function currentRun(): CurrentRun | undefined {
  const flowRun = currentContext()?.flowRun;
  return flowRun && { runId: flowRun.runId, folder: flowRun.store.folder };
}

/** What the run that the calling code belongs to, and its tasks, have made to look at so far, in the order of the tasks;
 * nothing outside of a run, as on a worker. */
export function runArtifacts(): readonly ArtifactRecord[] {
  const flowRun = currentContext()?.flowRun;
  if (flowRun === undefined) return [];
  flowRun.store.flush();
  return flowRun.store.runs.artifacts(flowRun.runId);
}

/** Aborted when the flow, or the local task, that calls is cancelled or has timed out; undefined outside of a run. */
export function runSignal(): AbortSignal | undefined {
  return currentContext()?.scope.signal;
}
