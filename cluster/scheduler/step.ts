import { assertNever } from "../../src/base/errors.ts";
import { endAttempt, markStarted } from "./attempts.ts";
import { joinWorker } from "./joining.ts";
import {
  buryWorker,
  checkWorkers,
  drainWorker,
  releaseIfDrained,
  suspectWorker,
} from "./liveness.ts";
import { assignReadyTasks, reserveForPassedOver } from "./placement.ts";
import type { SchedulerState } from "./state.ts";
import { submitTasks } from "./submission.ts";
import { isTerminal, makeReady } from "./task_state.ts";
import { cancelTask, leaveClient, releaseTask } from "./tasks.ts";
import type { SchedulerCommand, SchedulerEvent } from "./types.ts";
import { failUnholdable, nextShapeDeadlineMs } from "./unschedulable.ts";
import { attemptOf } from "./workers.ts";

/** Takes one event in: changes the state in place and returns what the shell has to do, in order. Deterministic: the
 * same events at the same times give the same commands.
 *
 * The records of `SaveTask` and `SaveEnd` are the live ones: the shell serialises them before it lets go of the batch.
 * @param nowMs the time of the event; an earlier time than told before counts as that one */
export function step(
  state: SchedulerState,
  event: SchedulerEvent,
  nowMs: number,
): SchedulerCommand[] {
  const previousMs = state.nowMs;
  if (nowMs > previousMs) state.nowMs = nowMs;
  const commands: SchedulerCommand[] = [];
  if ("workerId" in event) takeWorkerEvent(state, event, commands);
  else if (event.type === "Ticked") takeTick(state, previousMs, commands);
  else takeClientEvent(state, event, commands);
  assignReadyTasks(state, commands);
  return commands;
}

/** When the shell should send the next `Ticked` at the latest; Infinity when nothing waits for time to pass. */
export function nextDeadlineMs(state: SchedulerState): number {
  return Math.min(
    state.workerChecks.peek()?.checkAtMs ?? Infinity,
    state.delayed.peek()?.dueAtMs ?? Infinity,
    nextShapeDeadlineMs(state),
  );
}

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
      return leaveClient(state, event.clientId, commands);
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
    case "DrainRequested":
      return drainWorker(state, worker, commands);
    case "AttemptStarted": {
      const { workerId, taskId, attemptId } = event;
      const attempt = attemptOf(worker, attemptId);
      if (attempt !== undefined) markStarted(state, attempt);
      else commands.push({ type: "CancelAttempt", workerId, taskId, attemptId, reason: "stale" });
      break;
    }
    case "AttemptEnded":
      endAttempt(state, worker, event.attemptId, event.report, commands);
      releaseIfDrained(worker, commands);
      break;
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
  if (event.type === "WorkerHeard" || event.type === "AttemptStarted") {
    commands.push({
      type: "DropWorker",
      workerId,
      reason: "it is not known: it has to join again",
    });
  }
}

function takeTick(state: SchedulerState, previousMs: number, commands: SchedulerCommand[]): void {
  if (state.nowMs - previousMs > 2 * state.limits.silentAfterMs) {
    // The head itself slept, as laptops do: workers could not be heard, which is not their silence.
    for (const worker of state.workers.values()) worker.lastHeardMs = state.nowMs;
  }
  checkWorkers(state, commands);
  for (let task = state.delayed.peek(); task !== undefined; task = state.delayed.peek()) {
    if (task.dueAtMs > state.nowMs) break;
    makeReady(state, task, true, "its retry was due");
  }
  failUnholdable(state, commands);
  reserveForPassedOver(state);
}
