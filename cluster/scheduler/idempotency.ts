import type { SchedulerState, Task } from "./state.ts";
import { makeReady } from "./task_state.ts";
import { clearTimer, setTimer } from "./timers.ts";
import type { IdempotencyKey, TaskError, TaskOutcome } from "./types.ts";

/** What a task that names an idempotency key is: the first of its kind (`owns`), one that waits for the outcome of the
 * first (`follows`), or one whose outcome is known already. */
export type KeyClaim =
  | { readonly type: "owns" | "follows" }
  | { readonly type: "ends"; readonly outcome: TaskOutcome };

const OWNS: KeyClaim = { type: "owns" };
const FOLLOWS: KeyClaim = { type: "follows" };

/** Takes the key that an unfinished task names, if it names one: the first to come owns it. */
export function claimKey(state: SchedulerState, task: Task): KeyClaim {
  const named = keyOf(task);
  if (named === undefined) return OWNS;
  const holder = state.keys.get(named.key);
  if (holder === undefined) {
    state.keys.set(named.key, { owner: task, followers: new Set() });
    return OWNS;
  }
  const { owner } = holder;
  if (keyOf(owner)?.fingerprint !== named.fingerprint) {
    return { type: "ends", outcome: conflict(task, owner) };
  }
  const { outcome } = owner.record;
  if (outcome !== undefined) return { type: "ends", outcome };
  holder.followers.add(task);
  task.unmetCount++;
  return FOLLOWS;
}

/** Takes the key that a task of a store names, which had ended. */
export function reclaimKey(state: SchedulerState, task: Task): void {
  const named = keyOf(task);
  const { outcome } = task.record;
  if (named === undefined || outcome === undefined || state.keys.has(named.key)) return;
  if (!holdsKey(outcome)) return;
  state.keys.set(named.key, { owner: task, followers: new Set() });
}

/** A task ended. If it was cancelled or never ran its key goes to the first of those that wait for it, which runs
 * instead; else all of them end as it did.
 * @returns those that end */
export function settleKey(state: SchedulerState, task: Task): Task[] {
  const named = keyOf(task);
  const holder = named && state.keys.get(named.key);
  if (named === undefined || holder === undefined) return [];
  holder.followers.delete(task);
  if (holder.owner !== task) return [];
  const followers = [...holder.followers];
  holder.followers.clear();
  if (task.record.outcome !== undefined && holdsKey(task.record.outcome)) return followers;
  const [heir, ...others] = followers;
  if (heir === undefined) state.keys.delete(named.key);
  else {
    state.keys.set(named.key, { owner: heir, followers: new Set(others) });
    if (--heir.unmetCount === 0) {
      makeReady(state, heir, false, "the owner of its key did not run");
    }
  }
  return [];
}

/** Whether a key leads to this task. */
export function ownsKey(state: SchedulerState, task: Task): boolean {
  const named = keyOf(task);
  return named !== undefined && state.keys.get(named.key)?.owner === task;
}

/** Whether a task waits for the outcome of the owner of its key. */
export function followsKey(state: SchedulerState, task: Task): boolean {
  const named = keyOf(task);
  return named !== undefined && state.keys.get(named.key)?.followers.has(task) === true;
}

/** Keeps a task that ended and that nobody asks for, for the sake of its key, for `keyRetentionMs`. The caller looks
 * whether it is one too many. */
export function keepForKey(state: SchedulerState, task: Task): void {
  if (state.keptTasks.has(task)) return;
  state.keptTasks.add(task);
  state.keptBytes += sizeBytes(task);
  setTimer(state, task, "forget", state.nowMs + state.limits.keyRetentionMs);
}

/** The task that is kept longest, if there are too many. */
export function oldestTooMany(state: SchedulerState): Task | undefined {
  const { limits, keptTasks, keptBytes } = state;
  if (keptTasks.size <= limits.maxKeptKeys && keptBytes <= limits.maxKeptBytes) return undefined;
  return keptTasks.values().next().value;
}

/** Somebody asks for a kept task again, or its key is given up: it is like any other. */
export function stopKeeping(state: SchedulerState, task: Task): void {
  if (!state.keptTasks.delete(task)) return;
  state.keptBytes -= sizeBytes(task);
  clearTimer(state, task);
}

/** Nothing leads to a task by its key any more. */
export function freeKey(state: SchedulerState, task: Task): void {
  stopKeeping(state, task);
  const named = keyOf(task);
  if (named !== undefined && ownsKey(state, task)) state.keys.delete(named.key);
}

/** Whether a key goes on leading to a task that ended so: it ran, and may have had its effect. */
function holdsKey(outcome: TaskOutcome): boolean {
  if (outcome.type !== "failed") return outcome.type === "succeeded";
  const { kind, name } = outcome.error;
  return kind !== "dependency" && kind !== "unschedulable" && name !== "QueueTimedOut";
}

function keyOf(task: Task): IdempotencyKey | undefined {
  return task.record.spec.rules?.idempotency;
}

function conflict(task: Task, owner: Task): TaskOutcome {
  const message =
    `Cannot run ${task.record.spec.name}: its idempotency key ${keyOf(task)?.key} was used for ` +
    `another function or other arguments, by task ${owner.record.spec.taskId} ` +
    `(${owner.record.spec.name}). Use another key`;
  const error: TaskError = { kind: "unschedulable", name: "IdempotencyConflict", message };
  return { type: "failed", error };
}

function sizeBytes({ record: { spec, outcome } }: Task): number {
  const result = outcome?.type === "succeeded" && outcome.result.type === "inline"
    ? outcome.result.bytes.byteLength
    : 0;
  return spec.payload.byteLength + result;
}
