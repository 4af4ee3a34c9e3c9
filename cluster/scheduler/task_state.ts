import { enterLane, leaveLane, waitInLane } from "./lanes.ts";
import type { SchedulerState, Task } from "./state.ts";
import { markQueued, markUnqueued, warnClientOf } from "./shapes.ts";
import { clearTimer, setTimer } from "./timers.ts";
import type { TaskState } from "./types.ts";

/** 24 days: the largest integer that V8 keeps without a box. */
const MAX_READY_AFTER_MS = 2 ** 31 - 1;

/** Whether a task in this state has its outcome. */
export function isTerminal(state: TaskState): boolean {
  return state === "succeeded" || state === "failed" || state === "cancelled";
}

/** Moves a task to another state, out of whatever queue it was in. The one place where a task's state changes.
 * @param cause why, for the task's story
 * @throws {Error} with the task's story if the task had ended already */
export function moveTask(state: SchedulerState, task: Task, to: TaskState, cause: string): void {
  const from = task.record.state;
  if (isTerminal(from)) {
    throw new Error(
      `Cannot move a task that ended to ${to} (${cause})\n${taskStory(state, task)}`,
    );
  }
  if (task.lane !== undefined) {
    leaveLane(state, task, task.lane);
    if (to === "waiting") waitInLane(state, task, task.lane);
  } else if (task.list !== undefined) {
    task.shape.queue.remove(task);
    if (task.shape.queue.size === 0) markUnqueued(state, task.shape);
  } else if (from === "delayed" || from === "running") clearTimer(state, task);
  setState(state, task, to, cause);
}

/** Takes a task that succeeded back to `waiting`, without its outcome: its result was lost.
 * @throws {Error} with the task's story if it did not succeed */
export function reopenTask(state: SchedulerState, task: Task, cause: string): void {
  if (task.record.state !== "succeeded") {
    throw new Error(`Cannot run a task again that has no result\n${taskStory(state, task)}`);
  }
  task.record.outcome = undefined;
  task.record.finishedAtMs = undefined;
  setState(state, task, "waiting", cause);
}

function setState(state: SchedulerState, task: Task, to: TaskState, cause: string): void {
  const from = task.record.state;
  state.counts[from]--;
  state.counts[to]++;
  task.record.state = to;
  const { storyLength } = state.limits;
  // That it was ready at once is told by its record: a million queued tasks need no story.
  if (storyLength > 0 && from !== "waiting") {
    const story = task.story ??= [];
    if (story.length >= storyLength) story.shift();
    story.push({ atMs: state.wallMs, from, to, cause });
  }
}

/** Makes a task ready: it goes to the queue of its shape, or to its place among the calls of an actor. While a result that
 * it reads is computed again it waits.
 * @param isReturned whether it had been assigned before: then it goes ahead of those that never were */
export function makeReady(
  state: SchedulerState,
  task: Task,
  isReturned: boolean,
  cause: string,
): void {
  if (task.unmetCount > 0) return moveTask(state, task, "waiting", cause);
  moveTask(state, task, "ready", cause);
  if (task.lane !== undefined) return enterLane(state, task, task.lane);
  if (task.readySequence === 0) task.readySequence = ++state.readySequence;
  const readyAfterMs = Math.round(state.wallMs - task.record.submittedAtMs);
  task.readyAfterMs = Math.min(Math.max(0, readyAfterMs), MAX_READY_AFTER_MS);
  task.shape.queue.push(task, isReturned);
  if (task.shape.queue.size === 1) markQueued(state, task.shape);
  if (task.shape.holderCount === 0) warnClientOf(task.shape, task);
}

/** Makes a task wait until its retry is due, or for a result that it reads and that is computed again. */
export function makeDelayed(
  state: SchedulerState,
  task: Task,
  dueAtMs: number,
  cause: string,
): void {
  if (task.unmetCount > 0) return moveTask(state, task, "waiting", cause);
  moveTask(state, task, "delayed", cause);
  setTimer(state, task, "retry", dueAtMs);
}

/** What happened to a task, a line each, as far as it was remembered (`storyLength`). */
export function taskStory(state: SchedulerState, task: Task): string {
  const { spec, state: now, failures, losses } = task.record;
  const lines = [
    `task ${spec.taskId} (${spec.name}) of client ${spec.clientId}: ${now}, ` +
    `${failures} failures, ${losses} losses, live attempt ${task.attempt?.attemptId ?? "none"}`,
  ];
  for (const step of task.story ?? []) {
    lines.push(`  at ${step.atMs} ms: ${step.from} → ${step.to}: ${step.cause}`);
  }
  if (state.limits.storyLength === 0) lines.push("  (no story is kept: storyLength is 0)");
  return lines.join("\n");
}
