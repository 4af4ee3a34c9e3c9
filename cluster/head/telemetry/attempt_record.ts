/** How an attempt ended. `lost`: its worker went with it · `recalled`: it was given back before it started ·
 * `cancelled`: nobody wanted it any more. */
export type AttemptEnd =
  | "succeeded"
  | "failed"
  | "timed_out"
  | "cancelled"
  | "recalled"
  | "lost";

/** One attempt that ended. Times are milliseconds since the Unix epoch on the head's clock. */
export interface AttemptRecord {
  readonly taskId: string;
  readonly attemptId: number;
  /** What the task does, for people. */
  readonly name: string;
  /** The run that the task belongs to: by default its client's id. */
  readonly runId: string;
  /** Where it was. */
  readonly workerId: string;
  /** The process that had it; undefined when that was not reported. */
  readonly executorPid: number | undefined;
  /** Tasks whose results it read: the first {@linkcode MAX_RECORDED_DEPENDENCIES} of them. */
  readonly dependencies: readonly string[];
  readonly submittedAtMs: number;
  /** When it could have begun: its dependencies were there, and its retry was due. */
  readonly readyAtMs: number;
  readonly assignedAtMs: number;
  /** When its worker began with it; undefined when it never did. */
  readonly startedAtMs: number | undefined;
  readonly endedAtMs: number;
  /** What the executor measured: the import, the arguments, the function and its result; 0 when it did not say. */
  readonly durationMs: number;
  readonly end: AttemptEnd;
  /** Why it did not succeed, in one line; undefined when it did. */
  readonly cause: string | undefined;
}

/** A task may have a hundred thousand dependencies, and a history has many tasks. */
export const MAX_RECORDED_DEPENDENCIES = 32;
