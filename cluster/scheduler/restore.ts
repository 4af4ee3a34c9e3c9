import { addChild } from "./children.ts";
import { endOrphans } from "./orphans.ts";
import type { SchedulerState, Task } from "./state.ts";
import { isTerminal, makeReady } from "./task_state.ts";
import { advanceTime } from "./time.ts";
import { finishTask, linkDependencies, registerTask } from "./tasks.ts";
import type { SchedulerCommand, TaskRecord } from "./types.ts";
import { limitWaitingTime } from "./waiting_time.ts";

/** Takes in what an earlier start of the head stored. Tasks that ended keep their outcome; the others begin again as
 * `ready` or `waiting`, and a worker that still has an attempt of theirs may claim them for `restoreHoldMs`, in which
 * nothing is assigned. Failures and losses of unfinished tasks count from what was stored.
 * @param records in the order of their first storing, which becomes the order of the queues; a dependency may follow
 * @returns commands for tasks that can never run, as a dependency is missing or failed */
export function restoreTasks(
  state: SchedulerState,
  records: readonly TaskRecord[],
  nowMs: number,
): SchedulerCommand[] {
  advanceTime(state, nowMs);
  const commands: SchedulerCommand[] = [];
  const tasks = records.map((record) => {
    const isUnfinished = !isTerminal(record.state);
    return registerTask(state, { ...record, state: isUnfinished ? "waiting" : record.state });
  });
  for (const task of tasks) restoreParent(state, task);
  for (const task of tasks) {
    if (isTerminal(task.record.state)) continue;
    task.isAdoptable = true;
    state.assignFromMs = state.nowMs + state.limits.restoreHoldMs;
    const error = linkDependencies(state, task);
    if (error !== undefined) {
      finishTask(state, task, { type: "failed", error }, "it can never run", commands);
      continue;
    }
    limitWaitingTime(state, task);
    if (task.unmetCount === 0) makeReady(state, task, false, "the head was started again");
  }
  endOrphans(state, commands);
  return commands;
}

/** A task whose parent is not there any more, or has ended, is an orphan; the others stay until their parent begins
 * anew, or a worker says that it still runs. */
function restoreParent(state: SchedulerState, task: Task): void {
  const { parent: wanted } = task.record.spec;
  if (wanted === undefined) return;
  const parent = state.tasks.get(wanted.taskId);
  if (parent === undefined || isTerminal(parent.record.state)) state.orphans.push(task);
  else addChild(parent, task);
}
