/** Flows and tasks: states, retries, timeouts and results that survive the process. @module */
export {
  type ClusterTaskOptions,
  type CommonTaskOptions,
  type LocalTaskOptions,
  type Rest,
  type Task,
  task,
  type TaskOptions,
} from "./task.ts";
export { type Flow, flow, type FlowRunOptions } from "./flow.ts";
export { type Input, type Inputs, TaskSubmission } from "./task_inputs.ts";
export { shared, SharedValue } from "./shared_value.ts";
export type { TaskCluster } from "./cluster_link.ts";
export { runSignal } from "./run_context.ts";
export type { FlowEvent, TaskCounts, TaskRunFacts } from "./flow_events.ts";
export { AttemptTimedOutError, FlowCancelledError, TaskRunFailedError } from "./flow_errors.ts";
export { type FlowClock, systemFlowClock } from "./flow_clock.ts";
export { FlowStore, type FlowStoreOptions, latestRun, openFlowStore } from "./store.ts";
export type {
  FlowRunRecord,
  RunRegistry,
  TaskRunRecord,
  TransitionRecord,
} from "./run_registry.ts";
export type { RunState } from "./states.ts";
