import type { AttemptLog } from "../../cluster/head/telemetry/attempt_log.ts";
import type { SchedulerState } from "../../cluster/scheduler/mod.ts";

/** Checks that a log of attempts knows every live attempt of the scheduler, and none that no worker has.
 * @throws {Error} naming the first that differs */
export function checkFollowed(state: SchedulerState, log: AttemptLog): void {
  let held = 0;
  for (const { admitted, backlog, calls } of state.workers.values()) {
    for (const [attemptId, { task, taskId }] of [...admitted, ...backlog, ...calls]) {
      const isFollowed = log.isOpen(attemptId);
      if (isFollowed) held++;
      else if (task !== undefined) {
        throw new Error(`attempt ${attemptId} of ${taskId} is live, but nobody follows it`);
      }
    }
  }
  if (held !== log.openCount) {
    throw new Error(`${log.openCount} attempts are followed, but workers have ${held} of them`);
  }
}
