import type { Actor, Lane } from "./actor_state.ts";
import { inputsOf, nextAttemptId } from "./attempts.ts";
import { recallActor } from "./actors.ts";
import { fenceAttempt } from "./fencing.ts";
import { isOpen } from "./lanes.ts";
import { fetchesOf } from "./object_fetch.ts";
import { countLive } from "./runs.ts";
import type { Attempt, SchedulerState, Task, Worker } from "./state.ts";
import { makeReady, moveTask } from "./task_state.ts";
import { finishTask } from "./tasks.ts";
import { clearTimer } from "./timers.ts";
import type { AttemptId, EndReport, SchedulerCommand, TaskError } from "./types.ts";

/** Gives calls to the actors for which something changed, as far as each may have more at its worker. */
export function dispatchCalls(state: SchedulerState, commands: SchedulerCommand[]): void {
  for (const actor of state.dueActors) serveActor(state, actor, commands);
  state.dueActors.clear();
}

/** Whether an actor may have one more call at its worker. */
export function takesCalls(state: SchedulerState, actor: Actor): boolean {
  const { maxCallsInFlight, maxCallBytesInFlight } = state.limits;
  const worker = actor.task.attempt?.worker;
  return actor.isReady && worker !== undefined && worker.connection === "connected" &&
    !worker.isDraining && actor.inFlightBytes < maxCallBytesInFlight &&
    actor.inFlight.size < Math.max(maxCallsInFlight, actor.maxConcurrency);
}

function serveActor(state: SchedulerState, actor: Actor, commands: SchedulerCommand[]): void {
  const { attempt } = actor.task;
  if (!actor.isReady || attempt === undefined) return;
  if (attempt.worker.isDraining) return recallActor(state, actor, attempt, commands);
  while (takesCalls(state, actor)) {
    const lane = actor.openLanes.values().next().value;
    if (lane === undefined) return;
    // To the end of the line: clients take turns.
    actor.openLanes.delete(lane);
    startCall(state, lane.ready.peek() as Task, attempt.worker, commands);
    if (isOpen(lane)) actor.openLanes.add(lane);
  }
}

function startCall(
  state: SchedulerState,
  call: Task,
  worker: Worker,
  commands: SchedulerCommand[],
): void {
  const attemptId = nextAttemptId(state);
  const { workerId } = worker;
  placeCall(state, call, worker, attemptId, "its actor takes calls");
  const { spec } = call.record;
  const inputs = inputsOf(call);
  commands.push({
    type: "StartCall",
    workerId,
    attemptId,
    actorId: laneOf(call).actor.task.record.spec.taskId,
    spec,
    inputs,
    objects: fetchesOf(state, call, worker, inputs),
  });
}

/** Takes an attempt of a call that a worker made for an earlier start of the head as the live one. */
export function adoptCall(
  state: SchedulerState,
  call: Task,
  worker: Worker,
  attemptId: AttemptId,
): Attempt {
  return placeCall(
    state,
    call,
    worker,
    attemptId,
    "a worker still had it from before the head's restart",
  );
}

/** Takes the attempt of a call from its worker. */
export function removeCall(state: SchedulerState, attempt: Attempt, call: Task): void {
  const { actor } = laneOf(call);
  attempt.worker.calls.delete(attempt.attemptId);
  actor.inFlight.delete(attempt);
  actor.inFlightBytes -= call.record.spec.payload.byteLength;
  state.dueActors.add(actor);
}

/** Commits how the live attempt of a call ended. */
export function commitCall(
  state: SchedulerState,
  call: Task,
  report: EndReport,
  commands: SchedulerCommand[],
): void {
  switch (report.type) {
    case "succeeded": {
      const { result } = report;
      return finishTask(state, call, { type: "succeeded", result }, "it succeeded", commands);
    }
    case "failed":
      if (report.error.kind === "crashed" || report.error.kind === "out_of_memory") {
        return loseCall(state, call, report.error.message, commands);
      }
      return finishTask(
        state,
        call,
        { type: "failed", error: report.error },
        "it failed",
        commands,
      );
    case "cancelled":
      return makeReady(state, call, true, "its actor had not begun it");
    case "starved": {
      // Later calls of the client may have run: it cannot be tried again in its place.
      const message = `Cannot run ${call.record.spec.name}: ${report.message}`;
      const error: TaskError = { kind: "lost", name: "ObjectLost", message };
      return finishTask(state, call, { type: "failed", error }, "it starved", commands);
    }
  }
}

/** The process of an actor was lost under a call that may have run: it is tried again if it may be. */
export function loseCall(
  state: SchedulerState,
  call: Task,
  cause: string,
  commands: SchedulerCommand[],
): void {
  const { record } = call;
  record.failures++;
  call.isAdoptable = false;
  if (record.failures < record.spec.retry.maxAttempts) {
    if (record.state !== "ready") makeReady(state, call, true, cause);
    return;
  }
  const actorName = laneOf(call).actor.task.record.spec.name;
  const error: TaskError = {
    kind: "actor_lost",
    name: "ActorLost",
    message: `Cannot tell whether ${record.spec.name} ran to its end: the process of actor ` +
      `${actorName} was lost: ${cause}`,
  };
  finishTask(state, call, { type: "failed", error }, cause, commands);
}

/** Gives up on what the workers of earlier incarnations of an actor were given: nothing that they report counts. */
export function loseCallsInFlight(
  state: SchedulerState,
  actor: Actor,
  cause: string,
  commands: SchedulerCommand[],
): void {
  for (const attempt of [...actor.inFlight]) {
    const { task } = attempt;
    if (task === undefined) continue;
    fenceAttempt(state, attempt, "stale", commands);
    loseCall(state, task, cause, commands);
  }
}

/** An actor is started anew after a restart of the head, and no worker said that it lives: which of its stored calls had
 * begun before is not known. */
export function loseRestoredCalls(
  state: SchedulerState,
  actor: Actor,
  commands: SchedulerCommand[],
): void {
  const cause = "no worker had it any more after the head's restart";
  for (const lane of [...actor.lanes.values()]) {
    for (const call of [...lane.ready.values()]) {
      if (call.isAdoptable) loseCall(state, call, cause, commands);
    }
  }
}

/** The lane of a call.
 * @throws {Error} if the task is no call */
function laneOf(call: Task): Lane {
  if (call.lane === undefined) throw new Error(`Cannot serve ${call.record.spec.taskId}: no call`);
  return call.lane;
}

function placeCall(
  state: SchedulerState,
  call: Task,
  worker: Worker,
  attemptId: AttemptId,
  cause: string,
): Attempt {
  moveTask(state, call, "running", cause);
  const attempt: Attempt = {
    attemptId,
    taskId: call.record.spec.taskId,
    worker,
    shape: call.shape,
    task: call,
    call,
    isAdmitted: false,
    isStarted: true,
    isPreparing: false,
    isBlocked: false,
    holdsObjects: false,
    wasBlocked: false,
    expectedMs: Infinity,
    isRecalled: false,
    admittedAtMs: state.nowMs,
    deadlineMs: Infinity,
  };
  clearTimer(state, call);
  call.attempt = attempt;
  call.isAdoptable = false;
  const { actor } = laneOf(call);
  countLive(call.run, call.shape, 1);
  worker.calls.set(attemptId, attempt);
  actor.inFlight.add(attempt);
  actor.inFlightBytes += call.record.spec.payload.byteLength;
  return attempt;
}
