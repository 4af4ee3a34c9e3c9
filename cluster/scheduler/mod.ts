export { actorViews } from "./actor_views.ts";
export { attemptClientId } from "./children.ts";
export { DEFAULT_LIMITS, type SchedulerConfig, type SchedulerLimits } from "./config.ts";
export { type TaskView, taskView } from "./task_view.ts";
export { type LoadView, loadView } from "./load_view.ts";
export { nextDeadlineMs } from "./deadlines.ts";
export { checkInvariants } from "./invariants.ts";
export { restoreObjects } from "./object_events.ts";
export {
  isInUse,
  isKeptByHead,
  type ObjectPlaces,
  objectPlaces,
  type ObjectTotals,
  objectTotals,
  storedBytes,
} from "./object_views.ts";
export { restoreTasks } from "./restore.ts";
export { createScheduler, type SchedulerState } from "./state.ts";
export { step } from "./step.ts";
export { unschedulable, type UnschedulableTasks } from "./unschedulable.ts";
export type * from "./types.ts";
export {
  countsByState,
  liveAttempt,
  taskStory,
  unfinishedCount,
  type WorkerView,
  workerViews,
} from "./views.ts";
