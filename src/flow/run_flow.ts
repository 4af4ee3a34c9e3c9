import { errorMessage } from "../base/errors.ts";
import { sha256Hex } from "../base/hash.ts";
import { parseRunId } from "../base/ids.ts";
import { CancelScope } from "./cancel_scope.ts";
import { claimRun } from "./claim_run.ts";
import { ClusterLink, type TaskCluster } from "./cluster_link.ts";
import { executeFlow } from "./execute_flow.ts";
import { type FlowClock, systemFlowClock } from "./flow_clock.ts";
import { FlowCancelledError } from "./flow_errors.ts";
import type { FlowEvent } from "./flow_events.ts";
import type { FlowDefinition } from "./flow_options.ts";
import { FlowRun } from "./flow_run.ts";
import { validateParameters } from "./parameters.ts";
import { currentContext } from "./run_context.ts";
import { newFlowRun } from "./new_flow_run.ts";
import type { ClaimedRun } from "./store/claimed_run.ts";
import type { RunClaim } from "./store/run_registry.ts";
import type { FlowStore } from "./store/flow_store.ts";

/** What an execution of a flow needs. */
export interface FlowRunOptions {
  /** Where states and results are kept. */
  readonly store: FlowStore;
  /** Names the run. One that was cancelled, failed, or whose process died goes on under its id. */
  readonly runId: string;
  /** Connects to a cluster; called once, by the first cluster task that is not in the cache. The caller closes the
   * client, also one that arrives after the run was cancelled. */
  readonly cluster?: () => Promise<TaskCluster>;
  /** Where another process finds the flow, to resume it; default: what the flow says of itself. */
  readonly source?: { readonly module: string; readonly exportName: string };
  /** Aborting it cancels the run. */
  readonly signal?: AbortSignal;
  /** Told of what happens, also in child runs, after it is stored. What it throws fails the run. */
  readonly onEvent?: (event: FlowEvent) => void;
  /** Has results computed again though they are in the cache: all of them, or those of the tasks of these names. */
  readonly refresh?: boolean | readonly string[];
  /** Default: the machine's. */
  readonly clock?: FlowClock;
  /** Of the jitter of retries; default: made of the run id. */
  readonly seed?: number;
}

/** Executes a flow as a run of its own. Inside of another run of the same store it is that one's child by name alone:
 * with its own cluster, listener and signal.
 * @throws as `Flow.run` */
export async function runFlow(
  definition: FlowDefinition,
  args: readonly unknown[],
  options: FlowRunOptions,
): Promise<unknown> {
  const { store, signal, clock = systemFlowClock } = options;
  const runId = parseRunId(options.runId);
  const { name, parameters } = definition;
  // Without schemas the run is made in the very turn of the call.
  const checked = parameters.length === 0
    ? args
    : await validateParameters(`flow ${name}`, parameters, args);
  if (signal?.aborted) throw cancellation(runId, signal);
  const outer = currentContext()?.flowRun;
  const parentRunId = outer?.store.path === store.path ? outer.runId : undefined;
  const made = newFlowRun({ ...definition, ...options.source }, runId, parentRunId, args);
  const claimed = await claimUnlessAborted(
    store,
    () => ({ ...made, ownerPid: Deno.pid, nowMs: clock.nowMs() }),
    signal,
  );
  const flowRun = new FlowRun({
    definition,
    runId,
    claimed,
    store,
    clock,
    cluster: new ClusterLink(options.cluster),
    onEvent: options.onEvent,
    seed: options.seed ?? Number.parseInt(sha256Hex(runId).slice(0, 8), 16),
    parent: undefined,
    refresh: options.refresh ?? false,
  });
  const stopListening = listenForAbort(flowRun, signal);
  if (signal?.aborted) await flowRun.cancel(cancellation(runId, signal));
  try {
    return await executeFlow(flowRun, definition, checked);
  } finally {
    stopListening();
  }
}

async function claimUnlessAborted(
  store: FlowStore,
  claim: () => RunClaim,
  signal: AbortSignal | undefined,
): Promise<ClaimedRun> {
  const scope = new CancelScope();
  const onAbort = () => {
    const reason = cancellation(claim().runId, signal!);
    store.registry.cancelIdle(claim().runId, reason.message, claim().nowMs);
    scope.cancel(reason);
  };
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return await claimRun(store, claim, scope);
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

/** Has the run cancelled when the signal is aborted. */
function listenForAbort(flowRun: FlowRun, signal: AbortSignal | undefined): () => void {
  if (signal === undefined) return () => {};
  const onAbort = () => void flowRun.cancel(cancellation(flowRun.runId, signal));
  signal.addEventListener("abort", onAbort, { once: true });
  return () => signal.removeEventListener("abort", onAbort);
}

function cancellation(runId: string, signal: AbortSignal): FlowCancelledError {
  return new FlowCancelledError(`Run ${runId} was cancelled: ${errorMessage(signal.reason)}`, {
    cause: signal.reason,
  });
}
