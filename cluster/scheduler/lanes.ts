import type { Actor, Lane } from "./actor_state.ts";
import { IndexedHeap } from "./indexed_heap.ts";
import type { SchedulerState, Task } from "./state.ts";

/** The lane of a client at an actor, with one call more. */
export function acquireLane(actor: Actor, clientId: string): Lane {
  let lane = actor.lanes.get(clientId);
  if (lane === undefined) {
    lane = {
      actor,
      clientId,
      ready: new IndexedHeap<Task>((a, b) => a.readySequence < b.readySequence),
      waiting: new Set(),
      callCount: 0,
    };
    actor.lanes.set(clientId, lane);
  }
  lane.callCount++;
  return lane;
}

/** One unfinished call of the lane fewer; an empty lane goes. */
export function releaseLane(lane: Lane): void {
  if (--lane.callCount > 0) return;
  lane.actor.lanes.delete(lane.clientId);
  lane.actor.openLanes.delete(lane);
}

/** Puts a call that became ready in its place, by the order of the client: also one that had been assigned before. */
export function enterLane(state: SchedulerState, call: Task, lane: Lane): void {
  lane.ready.place(call);
  refreshLane(state, lane);
}

/** Takes a call out, whether it was ready or waited for its dependencies. */
export function leaveLane(state: SchedulerState, call: Task, lane: Lane): void {
  lane.ready.remove(call);
  lane.waiting.delete(call);
  refreshLane(state, lane);
}

/** A call waits for what it reads, in its place by the order of the client. */
export function waitInLane(state: SchedulerState, call: Task, lane: Lane): void {
  const inOrder = [...lane.waiting, call].sort((a, b) => a.readySequence - b.readySequence);
  lane.waiting.clear();
  for (const waiting of inOrder) lane.waiting.add(waiting);
  refreshLane(state, lane);
}

/** Whether the first ready call of a lane may go: at an ordered actor only when none before it waits for a dependency. */
export function isOpen(lane: Lane): boolean {
  const first = lane.ready.peek();
  if (first === undefined) return false;
  if (lane.actor.maxConcurrency > 1 || lane.waiting.size === 0) return true;
  const blocking = lane.waiting.values().next().value as Task;
  return first.readySequence < blocking.readySequence;
}

function refreshLane(state: SchedulerState, lane: Lane): void {
  const { actor } = lane;
  if (isOpen(lane)) {
    actor.openLanes.add(lane);
    state.dueActors.add(actor);
  } else {
    actor.openLanes.delete(lane);
  }
}
