import { ownsKey } from "./idempotency.ts";
import type { Run, SchedulerState, Task } from "./state.ts";
import { isTerminal, taskStory } from "./task_state.ts";
import { isNear } from "./workers.ts";

const ROUNDING = 1e-6;

/** Checks what must hold of runs, timers, second attempts, affinity and warnings after every step, from scratch.
 * @throws {Error} that names the broken invariant, with the task's story */
export function checkRules(state: SchedulerState): void {
  const runs = new Map<Run, { tasks: number; attempts: number; used: number }>();
  let timers = 0;
  for (const task of state.tasks.values()) {
    checkTimer(state, task);
    checkAttempts(state, task);
    if (task.timer !== undefined) timers++;
    if (isTerminal(task.record.state)) continue;
    const sum = runs.get(task.run) ?? { tasks: 0, attempts: 0, used: 0 };
    sum.tasks++;
    for (const attempt of [task.attempt, task.copy]) {
      if (attempt === undefined) continue;
      sum.attempts++;
      sum.used += attempt.shape.cost;
    }
    runs.set(task.run, sum);
  }
  expect(timers === state.timers.size, "no timer is left of a task that is gone");
  expect(runs.size === state.runs.size, "a run is known exactly while it has unfinished tasks");
  for (const [run, { tasks, attempts, used }] of runs) {
    const what = `of run ${run.runId} is what a count would give`;
    expect(state.runs.get(run.runId) === run, `run ${run.runId} is known`);
    expect(run.taskCount === tasks, `the number of tasks ${what}`);
    expect(run.attemptCount === attempts, `the number of attempts ${what}`);
    expect(Math.abs(run.used - used) <= ROUNDING * (1 + used), `the use ${what}`);
    expect(run.share === run.used / run.weight, `the share ${what}`);
  }
  checkTurns(state);
  checkWarnings(state);
  checkKeys(state);
}

function checkTimer(state: SchedulerState, task: Task): void {
  const { timer, record: { spec, state: name } } = task;
  const purpose = timer?.purpose;
  expectOf(
    state,
    task,
    (name === "delayed") === (purpose === "retry"),
    "it has a timer for its retry exactly while delayed",
  );
  if (purpose === "start") {
    const hasNotStarted = name === "waiting" || name === "ready" || name === "assigned";
    expectOf(state, task, hasNotStarted, "the limit on its waiting ends with its start");
  }
  const isWatched = name === "running" && task.copy === undefined &&
    spec.rules?.speculate === true;
  expectOf(
    state,
    task,
    isWatched === (purpose === "copy"),
    "it is watched for slowness exactly while its one attempt runs",
  );
}

function checkAttempts(state: SchedulerState, task: Task): void {
  const { attempt, copy, shape } = task;
  for (const live of [attempt, copy]) {
    if (live === undefined) continue;
    const isAllowed = shape.affinity?.mode !== "require" || isNear(live.worker, shape);
    expectOf(state, task, isAllowed, "its attempts are where it has to run");
    const isRunning = task.record.state === "running" || !live.isStarted;
    expectOf(state, task, isRunning, "it runs if one of its attempts does");
  }
  if (copy === undefined) return;
  expectOf(state, task, copy.task === task && attempt?.task === task, "both attempts are its own");
  expectOf(state, task, copy.worker !== attempt?.worker, "its two attempts are on two workers");
  expectOf(state, task, task.record.spec.rules?.speculate === true, "it may have two attempts");
}

/** Of the ready tasks of a shape the first is of the highest priority, and of a run with the smallest share there. */
function checkTurns(state: SchedulerState): void {
  for (const task of state.tasks.values()) {
    const first = task.list && task.shape.queue.peek();
    if (first === undefined) continue;
    const [a, b] = [first.record.spec.priority, task.record.spec.priority];
    const isInTurn = a > b || (a === b && first.run.share <= task.run.share);
    expectOf(state, first, isInTurn, "it is its run's turn");
  }
}

/** A key leads to a known task; whoever waits for it is unfinished, and so is the owner; what is kept is bounded. */
function checkKeys(state: SchedulerState): void {
  const { limits, keptTasks, keptBytes, keys } = state;
  for (const [key, { owner, followers }] of keys) {
    const isKnown = state.tasks.get(owner.record.spec.taskId) === owner;
    expectOf(state, owner, isKnown, `it is known while the key ${key} leads to it`);
    for (const follower of followers) {
      const areWaiting = !isTerminal(owner.record.state) && follower.record.state === "waiting";
      expectOf(state, follower, areWaiting, `it waits while the owner of ${key} is unfinished`);
    }
  }
  for (const task of keptTasks) {
    expectOf(state, task, task.isReleased && ownsKey(state, task), "it is kept for its key alone");
    expectOf(state, task, task.timer?.purpose === "forget", "it is not kept for ever");
  }
  const isBounded = keptTasks.size <= limits.maxKeptKeys && keptBytes <= limits.maxKeptBytes;
  expect(isBounded, `${keptTasks.size} tasks with ${keptBytes} bytes are kept, within the limits`);
}

function checkWarnings(state: SchedulerState): void {
  for (const shape of state.shapes.values()) {
    const isUnholdable = shape.unholdableSinceMs !== undefined;
    const warnings = shape.clientsToWarn.size + shape.warnedClients.size;
    expect(isUnholdable || warnings === 0, `nobody is warned of ${shape.key}, which can be held`);
  }
}

function expectOf(state: SchedulerState, task: Task, holds: boolean, what: string): void {
  if (!holds) throw new Error(`Broken invariant of a task: ${what}\n${taskStory(state, task)}`);
}

function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(`Broken invariant: ${what}`);
}
