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
export { type Flow, flow } from "./flow.ts";
export type { FlowRunOptions } from "./run_flow.ts";
export type { FlowOptions } from "./flow_options.ts";
export type { ParameterSchema, ParameterSchemas, SchemaResult } from "./parameters.ts";
export type { StateChange, StateHook, StateHooks } from "./state_hooks.ts";
export { artifact, type ArtifactOptions, type Artifacts } from "./artifact.ts";
export type { ArtifactContent, Cell, ImageType } from "./artifact_content.ts";
export { transaction } from "./transaction.ts";
export { approval, type ApprovalOptions } from "./approval.ts";
export { runLog } from "./run_log.ts";
export { type Input, type Inputs, TaskSubmission } from "./task_inputs.ts";
export { codeHash } from "./code_hash.ts";
export { shared, SharedValue } from "./shared_value.ts";
export type { TaskCluster } from "./cluster_link.ts";
export { type CurrentRun, currentRun, runArtifacts, runSignal } from "./run_context.ts";
export type { FlowEvent, TaskCounts, TaskRunFacts } from "./flow_events.ts";
export {
  ApprovalRejectedError,
  AttemptTimedOutError,
  FlowCancelledError,
  TaskRunFailedError,
} from "./flow_errors.ts";
export { type FlowClock, systemFlowClock } from "./flow_clock.ts";
export { FlowStore, type FlowStoreOptions, latestRun, openFlowStore } from "./store/flow_store.ts";
export type { ResultStorage } from "./store/shared_results.ts";
export {
  type OpenRunViews,
  openRunViews,
  type Page,
  type RunFilter,
  type RunViews,
} from "./store/run_views.ts";
export type { Limit, Limits } from "./store/limits.ts";
export type {
  ApprovalRecord,
  ArtifactRecord,
  FlowRunRecord,
  LogLevel,
  LogRecord,
  TaskRunRecord,
  TransitionRecord,
} from "./store/run_records.ts";
export type { RunKind, RunState } from "./states.ts";
export { SIGNATURE_HEADER, signWebhook, verifyWebhook } from "./notify/webhook_signature.ts";
