import { bindToActor } from "./actors.ts";
import { addChild } from "./children.ts";
import { reclaimKey } from "./idempotency.ts";
import { endOrphans } from "./orphans.ts";
import type { SchedulerState, Task } from "./state.ts";
import { beginTask } from "./submission.ts";
import { isTerminal } from "./task_state.ts";
import { linkLineage, registerTask, releaseTask } from "./tasks.ts";
import { advanceTime } from "./time.ts";
import type { SchedulerCommand, TaskRecord } from "./types.ts";

/** Takes in what an earlier start of the head stored. Tasks that ended keep their outcome; the others begin again as
 * `ready` or `waiting`, and a worker that still has an attempt of theirs may claim them for `restoreHoldMs`, in which
 * nothing is assigned. Failures and losses of unfinished tasks count from what was stored.
 * @param records in the order of their first storing, which becomes the order of the queues; a dependency may follow
 * @returns commands for tasks that end at once, as a dependency is missing or failed, or the outcome of their
 * idempotency key is known */
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
  const parentless = tasks.filter((task) => !restoreParent(state, task));
  for (const task of tasks) {
    reclaimKey(state, task);
    if (isTerminal(task.record.state)) linkLineage(state, task);
  }
  bindRestored(state, tasks);
  for (const task of tasks) {
    if (isTerminal(task.record.state)) continue;
    task.isAdoptable = true;
    state.assignFromMs = state.nowMs + state.limits.restoreHoldMs;
    beginTask(state, task, "the head was started again", commands);
  }
  endOrphans(state, commands);
  for (const task of parentless) releaseTask(state, task, commands);
  // No instance takes calls before a worker joined.
  state.dueActors.clear();
  return commands;
}

/** Gives a child back to its parent: it stays until that begins anew, or a worker says that it still runs. What was
 * stored without its parent had a right to outlive it, and nobody asks for its outcome any more: it is detached, or its
 * result is computed again for one that is.
 * @returns false when it should have a parent, and that is not there any more or has ended */
function restoreParent(state: SchedulerState, task: Task): boolean {
  const { parent: wanted } = task.record.spec;
  if (wanted === undefined) return true;
  const parent = state.tasks.get(wanted.taskId);
  if (parent === undefined || isTerminal(parent.record.state)) return false;
  if (task.parent !== undefined) return true;
  // One whose result was computed again was stored anew, after its children.
  restoreParent(state, parent);
  addChild(parent, task);
  return true;
}

/** Makes the actors known, then ties the calls to them in their clients' order: a store keeps that of its writing only
 * to the millisecond. */
function bindRestored(state: SchedulerState, tasks: readonly Task[]): void {
  const unfinished = tasks.filter(({ record }) => !isTerminal(record.state));
  const calls = unfinished.filter(({ record }) => record.spec.actor?.type === "call");
  for (const task of unfinished) {
    if (task.record.spec.actor?.type === "creation") bindToActor(state, task);
  }
  for (const call of calls.sort((a, b) => sequenceOf(a) - sequenceOf(b))) bindToActor(state, call);
}

function sequenceOf({ record: { spec: { actor } } }: Task): number {
  return actor?.type === "call" ? actor.sequence : 0;
}
