import { assertNever } from "../../src/base/errors.ts";
import { markReady } from "./actors.ts";
import { endAttempt, markStarted } from "./attempts.ts";
import { dispatchCalls } from "./calls.ts";
import { releaseIfDrained } from "./evacuation.ts";
import { joinWorker } from "./joining.ts";
import { buryWorker, checkWorkers, drainWorker, pressWorker, suspectWorker } from "./liveness.ts";
import { letGoOfAll } from "./object_directory.ts";
import { takeItemEvent } from "./item_flows.ts";
import { takeObjectEvent, takeObjectTick } from "./object_events.ts";
import { endOrphans } from "./orphans.ts";
import { assignReadyTasks, copyStragglers, reserveForPassedOver } from "./placement.ts";
import { awaitPreparation } from "./preparation.ts";
import type { SchedulerState, Task } from "./state.ts";
import { submitTasks } from "./submission.ts";
import { isTerminal, makeReady } from "./task_state.ts";
import { cancelTask, expireKey, leaveClient, releaseTask } from "./tasks.ts";
import { advanceTime } from "./time.ts";
import { takeDueTimers } from "./timers.ts";
import type { SchedulerCommand, SchedulerEvent } from "./types.ts";
import { tellUnholdable } from "./unschedulable.ts";
import { timeOutWaiting } from "./waiting_time.ts";
import { attemptOf, blockAttempt, resumeAttempt } from "./workers.ts";

/** Takes one event in: changes the state in place and returns what the shell has to do, in order. Deterministic: the
 * same events at the same times give the same commands.
 *
 * The records of `SaveTask` and `SaveEnd` are the live ones: the shell serialises them before it lets go of the batch.
 * @param nowMs the time of the event by the shell's clock, which may jump; see `advanceTime` */
export function step(
  state: SchedulerState,
  event: SchedulerEvent,
  nowMs: number,
): SchedulerCommand[] {
  advanceTime(state, nowMs);
  const commands: SchedulerCommand[] = [];
  let stragglers: readonly Task[] = NO_TASKS;
  if ("workerId" in event) takeWorkerEvent(state, event, commands);
  else if (event.type === "Ticked") stragglers = takeTick(state, commands);
  else takeClientEvent(state, event, commands);
  do {
    endOrphans(state, commands);
    // A task that begins anew after a restart of the head has left the children of its earlier attempt.
    assignReadyTasks(state, commands);
  } while (state.orphans.length > 0);
  if (stragglers.length > 0) copyStragglers(state, stragglers, commands);
  if (state.dueActors.size > 0) dispatchCalls(state, commands);
  return commands;
}

const NO_TASKS: readonly Task[] = [];

type WorkerEvent = Extract<SchedulerEvent, { readonly workerId: string }>;
type ClientEvent = Exclude<SchedulerEvent, WorkerEvent | { readonly type: "Ticked" }>;

function takeClientEvent(
  state: SchedulerState,
  event: ClientEvent,
  commands: SchedulerCommand[],
): void {
  switch (event.type) {
    case "TasksSubmitted":
      return submitTasks(state, event.specs, commands);
    case "CancelRequested":
      for (const taskId of event.taskIds) {
        const task = state.tasks.get(taskId);
        if (task !== undefined && !isTerminal(task.record.state)) {
          cancelTask(state, task, commands);
        }
      }
      return;
    case "TasksReleased":
      for (const taskId of event.taskIds) {
        const task = state.tasks.get(taskId);
        if (task !== undefined) releaseTask(state, task, commands);
      }
      return;
    case "ClientLeft":
      letGoOfAll(state, event.clientId);
      return leaveClient(state, event.clientId, commands);
    case "ActorSought": {
      const { clientId, requestId, name } = event;
      const actorId = state.actorNames.get(name)?.task.record.spec.taskId;
      commands.push({ type: "TellActor", clientId, requestId, actorId });
      return;
    }
    case "ItemsSent":
    case "ItemsReceived":
      return takeItemEvent(state, event);
    case "StoreOpened":
    case "ObjectsStored":
    case "ObjectsDropped":
    case "ObjectsHeld":
    case "ObjectsLetGo":
    case "ObjectsPinned":
    case "ObjectsUnpinned":
      return takeObjectEvent(state, event, commands);
    default:
      assertNever(event);
  }
}

function takeWorkerEvent(
  state: SchedulerState,
  event: WorkerEvent,
  commands: SchedulerCommand[],
): void {
  if (event.type === "WorkerJoined") joinWorker(state, event, commands);
  const worker = state.workers.get(event.workerId);
  if (worker === undefined) return takeUnknownWorkerEvent(event, commands);
  switch (event.type) {
    case "WorkerJoined":
    case "WorkerHeard":
      break;
    case "WorkerDisconnected":
      return suspectWorker(state, worker, commands);
    case "WorkerDied":
      return buryWorker(state, worker, event.reason, commands);
    case "MemoryPressureChanged":
      pressWorker(state, worker, event.isUnderPressure);
      break;
    case "DrainRequested":
      return drainWorker(state, worker, event.graceMs, commands);
    case "AttemptPreparing": {
      const attempt = attemptOf(worker, event.attemptId);
      if (attempt !== undefined) awaitPreparation(state, attempt);
      break;
    }
    case "AttemptStarted": {
      const { workerId, taskId, attemptId } = event;
      const attempt = attemptOf(worker, attemptId);
      if (attempt !== undefined) markStarted(state, attempt);
      else commands.push({ type: "CancelAttempt", workerId, taskId, attemptId, reason: "stale" });
      break;
    }
    case "ActorReady": {
      const attempt = attemptOf(worker, event.attemptId);
      if (attempt !== undefined) markReady(state, attempt, commands);
      break;
    }
    case "AttemptEnded":
      endAttempt(state, worker, event.attemptId, event.report, commands);
      releaseIfDrained(state, worker, commands);
      break;
    case "AttemptBlocked":
    case "AttemptResumed": {
      const attempt = attemptOf(worker, event.attemptId);
      if (attempt === undefined) break;
      markStarted(state, attempt);
      if (event.type === "AttemptBlocked") blockAttempt(state, attempt);
      else resumeAttempt(state, attempt);
      break;
    }
    default:
      assertNever(event);
  }
  worker.lastHeardMs = state.nowMs;
}

/** A worker that was given up, or that joined an earlier start of the head, has to join (again) to be of use. */
function takeUnknownWorkerEvent(event: WorkerEvent, commands: SchedulerCommand[]): void {
  const { workerId } = event;
  if (event.type === "AttemptEnded") {
    commands.push({ type: "AcknowledgeAttempt", workerId, attemptId: event.attemptId });
  }
  if (
    event.type === "WorkerHeard" || event.type === "AttemptStarted" || event.type === "ActorReady"
  ) {
    commands.push({
      type: "DropWorker",
      workerId,
      reason: "it is not known: it has to join again",
    });
  }
}

/** @returns running tasks of which a second attempt may be worth while */
function takeTick(state: SchedulerState, commands: SchedulerCommand[]): Task[] {
  checkWorkers(state, commands);
  const stragglers: Task[] = [];
  for (const { task, purpose } of takeDueTimers(state)) {
    if (purpose === "forget") expireKey(state, task, commands);
    // What ended in the meantime of this step has nothing to wait for.
    if (isTerminal(task.record.state)) continue;
    switch (purpose) {
      case "retry":
        makeReady(state, task, true, "its retry was due");
        break;
      case "start":
        timeOutWaiting(state, task, commands);
        break;
      case "copy":
        stragglers.push(task);
        break;
      case "forget":
        break;
      default:
        assertNever(purpose);
    }
  }
  tellUnholdable(state, commands);
  reserveForPassedOver(state);
  takeObjectTick(state, commands);
  return stragglers;
}
