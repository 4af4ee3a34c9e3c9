import type { ActorView } from "./actor_types.ts";
import type { SchedulerState } from "./state.ts";

/** The living actors, in the order of their creation.
 * @param maxCount further ones are left out */
export function actorViews(state: SchedulerState, maxCount: number): ActorView[] {
  return [...state.actors.values().take(maxCount)].map(({ task, isReady, lanes }) => {
    const { spec } = task.record;
    const workerId = task.attempt?.worker.workerId;
    return {
      actorId: spec.taskId,
      className: spec.name,
      name: spec.actor?.type === "creation" ? spec.actor.name : undefined,
      state: isReady ? "alive" : workerId === undefined ? "waiting" : "starting",
      workerId,
      calls: [...lanes.values()].reduce((sum, { callCount }) => sum + callCount, 0),
    };
  });
}
