export { DEFAULT_LIMITS, type SchedulerConfig, type SchedulerLimits } from "./config.ts";
export { checkInvariants } from "./invariants.ts";
export { restoreTasks } from "./restore.ts";
export { createScheduler, type SchedulerState } from "./state.ts";
export { nextDeadlineMs, step } from "./step.ts";
export { unschedulable, type UnschedulableTasks } from "./unschedulable.ts";
export type * from "./types.ts";
export { countsByState, taskStory, type WorkerView, workerViews } from "./views.ts";
