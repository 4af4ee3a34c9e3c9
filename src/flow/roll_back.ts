import { errorMessage } from "../base/errors.ts";
import { decodeValue } from "../base/value_codec.ts";
import type { FlowRun } from "./flow_run.ts";
import { attachPaths } from "./portable_paths.ts";
import { findRollback } from "./rollback_hooks.ts";
import { callOutside } from "./run_context.ts";
import type { StagedResult } from "./store/staged_results.ts";

/** Rolls back what a crash, or a hook that failed, has left of a run's transactions.
 * @throws {Error} when a hook fails, or is not there: the run cannot go on */
export async function rollBackLeftovers(flowRun: FlowRun): Promise<void> {
  const staged = flowRun.store.staged.list(flowRun.runId);
  if (staged.length > 0) await rollBack(flowRun, staged);
}

/** Calls the hooks of results one after the other and forgets each result whose hook has ended. All are tried.
 * @param staged the last one first
 * @throws {Error} the first failure; what failed stays staged */
export async function rollBack(flowRun: FlowRun, staged: readonly StagedResult[]): Promise<void> {
  const failures: Error[] = [];
  for (const result of staged) {
    try {
      await callHook(flowRun, result);
    } catch (error) {
      const failure = new Error(
        `Cannot roll back task ${result.taskName} of transaction ${result.transaction}: ` +
          errorMessage(error),
        { cause: error },
      );
      flowRun.writeLog({ seq: result.taskSeq }, "error", failure.message);
      failures.push(failure);
      continue;
    }
    const message = `rolled back with transaction ${result.transaction}`;
    flowRun.writeLog({ seq: result.taskSeq }, "info", message);
    await flowRun.store.staged.forget(flowRun.runId, [result.taskSeq]);
  }
  if (failures.length > 0) throw failures[0];
}

async function callHook(flowRun: FlowRun, result: StagedResult): Promise<void> {
  if (!result.hasHook) return;
  const hook = findRollback(result.module, result.taskName);
  if (hook === undefined) {
    throw new Error(`this program has no task of that name with onRollback in ${result.module}`);
  }
  const value = attachPaths(decodeValue(result.bytes), flowRun.store.folder);
  // The run may be cancelled: what the hook calls are plain functions, not tasks of it.
  await callOutside(() => hook(value as never));
}
