import { errorMessage } from "../base/errors.ts";
import type { FlowRun } from "./flow_run.ts";
import type { KeptResult } from "./store/result_cache.ts";

/** A result that another machine has shared; it is in this store's own cache afterwards. One that cannot be read counts
 * as missing, which is said in the run's log.
 * @param taskSeq of the task run that asks */
export async function findShared(
  flowRun: FlowRun,
  taskSeq: number,
  taskName: string,
  key: string,
): Promise<KeptResult | undefined> {
  const { shared, results } = flowRun.store;
  if (shared === undefined) return undefined;
  try {
    const kept = await shared.find(key);
    if (kept === undefined) return undefined;
    const storeResult = await results.prepare(key, taskName, kept, kept.createdAtMs);
    storeResult();
    return kept;
  } catch (error) {
    flowRun.writeLog({ seq: taskSeq }, "warning", errorMessage(error));
    return undefined;
  }
}

/** Shares a result, where the store has a storage for that. It is kept in the store all the same when it cannot be
 * shared, which is said in the run's log. */
export async function shareResult(
  flowRun: FlowRun,
  taskSeq: number,
  key: string,
  kept: KeptResult,
): Promise<void> {
  try {
    await flowRun.store.shared?.put(key, kept);
  } catch (error) {
    flowRun.writeLog({ seq: taskSeq }, "warning", errorMessage(error));
  }
}
