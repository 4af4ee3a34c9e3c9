import type { Actor, Lane } from "./actor_state.ts";
import { takesCalls } from "./calls.ts";
import { isOpen } from "./lanes.ts";
import type { SchedulerState, Task } from "./state.ts";
import { isTerminal, taskStory } from "./task_state.ts";

/** Checks what must hold of actors and their calls after every step.
 * @throws {Error} that names the broken invariant, with the story of the task */
export function checkActors(state: SchedulerState): void {
  const callsByLane = new Map<Lane, Task[]>();
  for (const task of state.tasks.values()) {
    if (isTerminal(task.record.state)) continue;
    if (task.actor !== undefined) {
      const isKnown = state.actors.get(task.record.spec.taskId) === task.actor;
      expect(state, task, isKnown, "a living actor is known by its creation");
    }
    if (task.lane === undefined) continue;
    const calls = callsByLane.get(task.lane);
    if (calls === undefined) callsByLane.set(task.lane, [task]);
    else calls.push(task);
  }
  for (const actor of state.actors.values()) checkActor(state, actor, callsByLane);
  for (const lane of callsByLane.keys()) {
    expect(state, lane.actor.task, isListed(state, lane), "calls wait only for living actors");
  }
  if (state.dueActors.size > 0) throw new Error("Broken invariant: an actor is due after the step");
}

function checkActor(
  state: SchedulerState,
  actor: Actor,
  callsByLane: ReadonlyMap<Lane, readonly Task[]>,
): void {
  const { task } = actor;
  expect(state, task, !isTerminal(task.record.state), "an actor is known only while it lives");
  expect(
    state,
    task,
    !actor.isReady || task.record.state === "running",
    "an actor takes calls only while its creation runs",
  );
  const role = task.record.spec.actor;
  const name = role?.type === "creation" ? role.name : undefined;
  if (name !== undefined) {
    expect(state, task, state.actorNames.get(name) === actor, "its name is its own");
  }
  let bytes = 0;
  for (const attempt of actor.inFlight) {
    const { call } = attempt;
    expect(state, task, call?.lane?.actor === actor, "what it has in flight are its calls");
    bytes += call?.record.spec.payload.byteLength ?? 0;
    const isHeld = attempt.worker.calls.get(attempt.attemptId) === attempt;
    expect(state, task, isHeld, "a worker holds what is in flight");
    const isElsewhere = attempt.worker !== task.attempt?.worker;
    expect(
      state,
      task,
      !actor.isReady || !isElsewhere || attempt.task === undefined,
      "only its own worker has live calls of an actor that is ready",
    );
  }
  expect(state, task, bytes === actor.inFlightBytes, "its bytes in flight add up");
  const isIdle = actor.openLanes.size > 0 && takesCalls(state, actor);
  expect(state, task, !isIdle, "no call waits that may go now");
  for (const lane of actor.lanes.values()) {
    checkLane(state, actor, lane, callsByLane.get(lane) ?? []);
  }
}

function checkLane(
  state: SchedulerState,
  actor: Actor,
  lane: Lane,
  calls: readonly Task[],
): void {
  const { task } = actor;
  expect(state, task, calls.length === lane.callCount && lane.callCount > 0, "lanes count calls");
  expect(state, task, actor.openLanes.has(lane) === isOpen(lane), "it knows its open lanes");
  let lastGiven = -Infinity;
  let firstKept = Infinity;
  for (const call of calls) {
    const { readySequence, record } = call;
    const isKept = record.state !== "running";
    const isWaiting = lane.waiting.has(call);
    expect(state, call, isWaiting === (record.state === "waiting"), "it waits in its lane");
    if (isKept) firstKept = Math.min(firstKept, readySequence);
    else lastGiven = Math.max(lastGiven, readySequence);
  }
  const isInOrder = actor.maxConcurrency > 1 || !actor.isReady || lastGiven < firstKept;
  expect(state, task, isInOrder, "no call of a client is given before an earlier one");
}

function isListed(state: SchedulerState, lane: Lane): boolean {
  const { actor, clientId } = lane;
  return state.actors.get(actor.task.record.spec.taskId) === actor &&
    actor.lanes.get(clientId) === lane;
}

function expect(state: SchedulerState, task: Task, holds: boolean, what: string): void {
  if (!holds) throw new Error(`Broken invariant of an actor: ${what}\n${taskStory(state, task)}`);
}
