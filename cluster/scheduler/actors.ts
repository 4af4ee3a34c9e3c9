import { markStarted } from "./attempts.ts";
import type { Actor } from "./actor_state.ts";
import { loseCallsInFlight } from "./calls.ts";
import { acquireLane } from "./lanes.ts";
import { holdObject, letGoOfAll, letGoOfObject, objectOf } from "./object_directory.ts";
import type { Attempt, SchedulerState, Task, Worker } from "./state.ts";
import type { TaskEnd } from "./tasks.ts";
import type {
  AttemptId,
  Checkpoint,
  ResultRef,
  SchedulerCommand,
  TaskError,
  TaskOutcome,
  TaskRecord,
  TaskSpec,
} from "./types.ts";
import { setDeadline } from "./workers.ts";

/** Makes the actor of a creation known, or ties a call to its actor, unless that is done.
 * @returns why the task can never run, or undefined; then the caller fails it */
export function bindToActor(state: SchedulerState, task: Task): TaskError | undefined {
  const { spec } = task.record;
  if (task.actor !== undefined || task.lane !== undefined) return undefined;
  switch (spec.actor?.type) {
    case undefined:
      return undefined;
    case "creation":
      return registerActor(state, task, spec.actor.name, spec.actor.maxConcurrency);
    case "call": {
      const actor = state.actors.get(spec.actor.actorId);
      if (actor === undefined) return noSuchActor(state, spec, spec.actor.actorId);
      task.lane = acquireLane(actor, spec.clientId);
      task.readySequence = spec.actor.sequence;
      task.lane.waiting.add(task);
      return undefined;
    }
  }
}

/** The instance was constructed: it takes calls. What an earlier incarnation was given and never answered is lost. */
export function markReady(
  state: SchedulerState,
  attempt: Attempt,
  commands: SchedulerCommand[],
): void {
  const actor = attempt.task?.actor;
  if (actor === undefined) return;
  markStarted(state, attempt);
  // From now on it may live as long as it is wanted.
  setDeadline(state, attempt, Infinity);
  state.dueActors.add(actor);
  if (actor.isReady) return;
  loseCallsInFlight(state, actor, "it was started again", commands);
  actor.isReady = true;
}

/** Has the actors of a worker looked at after the step: the worker is back, or drains. */
export function serveActorsOf(state: SchedulerState, worker: Worker): void {
  for (const { task } of worker.admitted.values()) {
    if (task?.actor !== undefined) state.dueActors.add(task.actor);
  }
}

/** Asks an actor back from a worker that drains, once it has answered all that it was given: the worker says its last
 * state, and it is started elsewhere, which counts as no restart. */
export function recallActor(
  state: SchedulerState,
  actor: Actor,
  attempt: Attempt,
  commands: SchedulerCommand[],
): void {
  if (actor.inFlight.size > 0 || attempt.worker.connection !== "connected") return;
  const { attemptId, taskId, worker: { workerId } } = attempt;
  actor.isReady = false;
  attempt.isRecalled = true;
  setDeadline(state, attempt, state.nowMs + state.limits.endDeadlineMs);
  commands.push({ type: "CancelAttempt", workerId, taskId, attemptId, reason: "recalled" });
}

/** Stores that the creation of an actor has a new attempt.
 * @returns the state from which it goes on */
export function beginLife(
  task: Task,
  incarnation: AttemptId,
  commands: SchedulerCommand[],
): ResultRef | undefined {
  const { record } = task;
  const checkpoint = record.life?.checkpoint;
  record.life = { incarnation, checkpoint };
  commands.push({ type: "SaveActor", actorId: record.spec.taskId, life: record.life });
  return checkpoint?.value;
}

/** Whether an attempt of an earlier start of the head is of the newest incarnation of its actor. */
export function isOfNewestLife(task: Task, attemptId: AttemptId): boolean {
  if (task.actor !== undefined) return task.record.life?.incarnation === attemptId;
  const life = task.lane?.actor.task.record.life;
  return task.lane === undefined || (life !== undefined && attemptId > life.incarnation);
}

/** Takes in the newest state of an actor; an older one, told late by an earlier incarnation, is dropped.
 * @param task the creation, or a call of the actor */
export function takeCheckpoint(
  state: SchedulerState,
  task: Task,
  checkpoint: Checkpoint,
  commands: SchedulerCommand[],
): void {
  const record = (task.actor ?? task.lane?.actor)?.task.record;
  if (record?.life === undefined || !isNewer(checkpoint, record.life.checkpoint)) return;
  const before = record.life.checkpoint;
  record.life = { ...record.life, checkpoint };
  holdCheckpoint(state, record, before);
  commands.push({ type: "SaveActor", actorId: record.spec.taskId, life: record.life });
}

/** An actor ended for good: it is not known any more.
 * @returns its calls, which fail with the cause; those that it may have begun as lost */
export function endActor(state: SchedulerState, actor: Actor, outcome: TaskOutcome): TaskEnd[] {
  const { spec } = actor.task.record;
  state.actors.delete(spec.taskId);
  letGoOfAll(state, holderOf(spec.taskId));
  if (spec.actor?.type === "creation" && spec.actor.name !== undefined) {
    state.actorNames.delete(spec.actor.name);
  }
  const ends: TaskEnd[] = [];
  const fail = (call: Task, kind: "actor_lost" | "actor_dead") => {
    const error = endedError(call.record.spec, spec, outcome, kind);
    ends.push({ task: call, outcome: { type: "failed", error }, cause: "its actor ended" });
  };
  for (const { task } of actor.inFlight) {
    if (task !== undefined) fail(task, "actor_lost");
  }
  for (const { ready, waiting } of actor.lanes.values()) {
    for (const call of [...ready.values(), ...waiting]) fail(call, "actor_dead");
  }
  return ends;
}

function registerActor(
  state: SchedulerState,
  task: Task,
  name: string | undefined,
  maxConcurrency: number,
): TaskError | undefined {
  const { spec } = task.record;
  if (name !== undefined) {
    const holder = state.actorNames.get(name);
    if (holder !== undefined) return takenName(spec, name, holder.task.record);
  }
  const actor: Actor = {
    task,
    maxConcurrency,
    isReady: false,
    lanes: new Map(),
    openLanes: new Set(),
    inFlight: new Set(),
    inFlightBytes: 0,
  };
  task.actor = actor;
  state.actors.set(spec.taskId, actor);
  holdCheckpoint(state, task.record, undefined);
  if (name !== undefined) state.actorNames.set(name, actor);
  return undefined;
}

/** The state from which an actor goes on is kept as long as it lives, the one before is not any more. */
function holdCheckpoint(
  state: SchedulerState,
  { spec, life }: TaskRecord,
  before: Checkpoint | undefined,
): void {
  const holder = holderOf(spec.taskId);
  if (life?.checkpoint?.value.type === "stored") {
    holdObject(state, holder, objectOf(state, life.checkpoint.value));
  }
  if (before?.value.type !== "stored") return;
  const now = life?.checkpoint?.value;
  if (now?.type === "stored" && now.objectId === before.value.objectId) return;
  letGoOfObject(state, holder, objectOf(state, before.value));
}

/** Under this name an actor refers to objects, as clients do under theirs. */
function holderOf(actorId: string): string {
  return `actor ${actorId}`;
}

function isNewer(a: Checkpoint, b: Checkpoint | undefined): boolean {
  if (b === undefined || a.incarnation > b.incarnation) return true;
  return a.incarnation === b.incarnation && a.sequence > b.sequence;
}

function takenName(spec: TaskSpec, name: string, holder: TaskRecord): TaskError {
  return {
    kind: "unschedulable",
    name: "ActorNameTaken",
    message: `Cannot create actor ${spec.name} under the name ${name}: actor ` +
      `${holder.spec.taskId} of client ${holder.spec.clientId} has it and lives; ` +
      `terminate that one first, or take another name`,
  };
}

function noSuchActor(state: SchedulerState, spec: TaskSpec, actorId: string): TaskError {
  const known = state.tasks.get(actorId)?.record;
  if (known?.outcome !== undefined) {
    return endedError(spec, known.spec, known.outcome, "actor_dead");
  }
  return {
    kind: "actor_dead",
    name: "UnknownActor",
    message: `Cannot call ${spec.name}: no actor ${actorId} lives; ` +
      `it ended and was forgotten, or was never created`,
  };
}

function endedError(
  call: TaskSpec,
  actor: TaskSpec,
  outcome: TaskOutcome,
  kind: "actor_lost" | "actor_dead",
): TaskError {
  const what = kind === "actor_lost"
    ? `Cannot tell whether ${call.name} ran to its end`
    : `Cannot call ${call.name}`;
  const whose = `actor ${actor.name} (${actor.taskId})`;
  if (outcome.type !== "failed") {
    return { kind, name: "ActorEnded", message: `${what}: ${whose} was terminated` };
  }
  const { name, message, stack } = outcome.error;
  const error: TaskError = { kind, name, message: `${what}: ${whose} ended: ${message}` };
  return stack === undefined ? error : { ...error, stack };
}
