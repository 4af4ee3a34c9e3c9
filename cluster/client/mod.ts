export { attach } from "./attach.ts";
export type { AttachOptions } from "./attach.ts";
export { drainPath, drainWorker, rotateToken, stopHead } from "./control.ts";
export { connect } from "./connect.ts";
export { PROTOCOL_VERSION } from "../protocol/messages.ts";
export type { ConnectOptions } from "./connect.ts";
export type { CodeShippingOptions } from "./code_shipping.ts";
export { startEmbeddedCluster } from "./embedded.ts";
export type { EmbeddedCluster, EmbeddedOptions } from "./embedded.ts";
export type { Fsync } from "../head/fsync.ts";
export { currentClient, taskContext } from "./nested.ts";
export type { GatheredResults } from "./gather.ts";
export type { MapOptions, MapOutcome } from "./map.ts";
export type { StreamOptions } from "./stream.ts";
export { remote } from "./remote.ts";
export type { RemoteArguments, RemoteFunction } from "./remote.ts";
export { ActorDeadError, ActorLostError } from "./failures.ts";
export type {
  ActorHandle,
  ActorMethods,
  ActorOptions,
  ActorRef,
  CallArguments,
  CallOptions,
  CallResult,
  MethodName,
} from "./actor_types.ts";
export { ObjectLostError, TaskCancelledError, TaskFailedError } from "./types.ts";
export type {
  ActorView,
  ClusterClient,
  ClusterStatus,
  ExecutorStatus,
  ObjectRef,
  PutOptions,
  SubmitOptions,
  TaskHandle,
} from "./types.ts";
export type { RuleOptions } from "./task_rules.ts";
export { TASK_BODY } from "../protocol/body.ts";
export type { TaskContext } from "../protocol/task_scope.ts";
export { isObjectRef } from "../protocol/object_ref.ts";
export type {
  Affinity,
  ErrorKind,
  FunctionRef,
  Resources,
  RetryFilter,
  RetryPolicy,
  StreamResume,
} from "../scheduler/types.ts";
export type { LogLine, NoticeLine, OutputLine, StoredLine } from "../protocol/log_line.ts";
export type { TaskPermissions } from "../protocol/task_permissions.ts";
