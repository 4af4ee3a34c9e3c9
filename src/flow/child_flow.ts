import { CodedError } from "../base/errors.ts";
import { sha256Hex } from "../base/hash.ts";
import { parseRunId } from "../base/ids.ts";
import { decodeValue, encodeValue } from "../base/value_codec.ts";
import { cacheKey } from "./cache_key.ts";
import type { CancelScope } from "./cancel_scope.ts";
import { claimRun } from "./claim_run.ts";
import { codeHash } from "./code_hash.ts";
import { executeFlow } from "./execute_flow.ts";
import type { FlowDefinition } from "./flow_options.ts";
import { FlowRun } from "./flow_run.ts";
import { newFlowRun } from "./new_flow_run.ts";
import { validateParameters } from "./parameters.ts";
import type { RunContext } from "./run_context.ts";

const DIGITS_OF_ID = 8;

/** Runs a flow as a child of the run that calls it. Its id follows from the parent's, so that a resumed parent finds
 * the children of its earlier executions: one that completed gives its kept result, one that did not goes on.
 * @param label takes the place of the name and the arguments in the id */
export async function callAsChild(
  context: RunContext,
  definition: FlowDefinition,
  args: readonly unknown[],
  label: string | undefined,
): Promise<unknown> {
  const { flowRun: parent, scope, transaction } = context;
  scope.throwIfCancelled();
  if (transaction !== undefined) {
    throw new CodedError(
      "flow/out-of-place",
      `Cannot call flow ${definition.name} in transaction ${transaction.name}: what a child ` +
        "completes cannot be rolled back; call its tasks, or call it after the transaction",
    );
  }
  const checked = await validateParameters(`flow ${definition.name}`, definition.parameters, args);
  const identity = await identify(definition, checked);
  const name = label ?? nameOf(definition, identity);
  const runId = parseRunId(parent.childId(name, label !== undefined));
  const execute = () => executeChild(parent, scope, definition, checked, runId, identity);
  return await parent.track(execute());
}

async function executeChild(
  parent: FlowRun,
  callerScope: CancelScope,
  definition: FlowDefinition,
  args: readonly unknown[],
  runId: string,
  identity: string | undefined,
): Promise<unknown> {
  const { store, clock } = parent;
  const isKept = definition.module !== undefined && identity !== undefined;
  const resultKey = isKept ? sha256Hex(`child ${runId} ${identity}`) : undefined;
  const isCompleted = store.runs.find(runId)?.state === "Completed";
  const kept = isCompleted && resultKey !== undefined ? store.results.find(resultKey) : undefined;
  if (kept !== undefined) return decodeValue(kept.bytes);
  // A completed run stays what it is: where its result was not kept, another one takes its place.
  const ownId = isCompleted ? `${runId}-x${parent.execution}` : runId;
  const made = newFlowRun(definition, ownId, parent.runId, args);
  const claim = () => ({ ...made, ownerPid: Deno.pid, nowMs: clock.nowMs() });
  const claimed = await claimRun(store, claim, callerScope);
  const flowRun = new FlowRun({
    definition,
    runId: ownId,
    claimed,
    store,
    clock,
    cluster: parent.cluster,
    onEvent: (event) => parent.emit(() => event),
    seed: Number.parseInt(sha256Hex(ownId).slice(0, 8), 16),
    parent: { flowRun: parent, scope: callerScope },
    refresh: parent.refresh,
  });
  if (resultKey !== undefined) {
    flowRun.keepResultBy(async (value) => {
      const bytes = encodeValue(value);
      const result = { bytes, sha256: sha256Hex(bytes) };
      return await store.results.prepare(resultKey, definition.name, result, clock.nowMs());
    });
  }
  return await executeFlow(flowRun, definition, args);
}

/** What makes two calls the same: the flow, its code where that is known, and its arguments; undefined for arguments
 * that have no content of their own, such as functions. */
async function identify(
  { name, module }: FlowDefinition,
  args: readonly unknown[],
): Promise<string | undefined> {
  const code = module === undefined ? "" : await codeHash(module);
  try {
    return cacheKey({ taskName: name, codeHash: code, args });
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function nameOf({ name }: FlowDefinition, identity: string | undefined): string {
  const slug = name.replaceAll(/[^A-Za-z0-9]+/g, "-");
  return identity === undefined ? slug : `${slug}-${identity.slice(0, DIGITS_OF_ID)}`;
}
