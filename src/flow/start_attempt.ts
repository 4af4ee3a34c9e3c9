import type { Call } from "./attempt.ts";
import type { FlowRun } from "./flow_run.ts";
import type { FullLimit } from "./store/limits.ts";
import type { TaskRun } from "./task_run.ts";

/** Begins an attempt, when the limits of the task's tags have room. Of the calls that wait for the same tags one looks
 * at a time, in the order of their coming.
 * @throws {Error} the scope's reason when that is cancelled meanwhile */
export async function startAttempt<R>(
  { flowRun, task, scope }: Call<R>,
  taskRun: TaskRun,
  reason: string,
): Promise<void> {
  if (task.tags.length === 0) return await taskRun.start(reason);
  await flowRun.inTurn(`tags ${task.tags.join()}`, async () => {
    let full = taskRun.tryStart(reason);
    if (full === undefined) return;
    const isFirst = taskRun.attempt === 0;
    if (isFirst) await taskRun.defer(full.reason);
    while (full !== undefined) {
      await scope.race(mayHaveRoom(flowRun, full));
      if (isFirst && taskRun.isDeferred) await taskRun.becomeDue();
      full = taskRun.tryStart(reason);
    }
  });
}

async function mayHaveRoom({ store, clock }: FlowRun, { freeAtMs }: FullLimit): Promise<void> {
  const woken = Promise.withResolvers<void>();
  const stopWatching = store.onChange(woken.resolve);
  const stopTimer = freeAtMs === undefined
    ? () => {}
    : clock.after(Math.max(0, freeAtMs - clock.nowMs()), woken.resolve);
  await woken.promise;
  stopWatching();
  stopTimer();
}
