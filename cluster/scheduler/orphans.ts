import type { SchedulerState } from "./state.ts";
import { isTerminal } from "./task_state.ts";
import { cancelTask, releaseTask } from "./tasks.ts";
import type { SchedulerCommand } from "./types.ts";

/** Cancels the children of attempts that are not live any more, and theirs; of those that are detached only the outcome
 * is not kept. The last ones first: so a task that reads
 * another's result is cancelled itself before it could fail with that. */
export function endOrphans(state: SchedulerState, commands: SchedulerCommand[]): void {
  for (let task = state.orphans.pop(); task !== undefined; task = state.orphans.pop()) {
    task.isReleased = true;
    const isLeft = isTerminal(task.record.state) || task.record.spec.parent?.isDetached === true;
    if (isLeft) releaseTask(state, task, commands);
    else cancelTask(state, task, commands);
  }
}
