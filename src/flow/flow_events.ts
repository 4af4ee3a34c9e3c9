import type { RunState } from "./states.ts";

/** How many task runs of this execution are in each state; states without any are left out. */
export type TaskCounts = Readonly<Partial<Record<RunState, number>>>;

/** What every event of a task run tells. */
export interface TaskRunFacts {
  /** The flow run that it belongs to. */
  readonly runId: string;
  /** Numbers the task runs of a flow run. */
  readonly taskSeq: number;
  /** The task's name. */
  readonly task: string;
  /** A summary of the arguments for people. */
  readonly arguments: string;
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number;
  /** After the event. */
  readonly counts: TaskCounts;
}

/** What happens in a flow run, told after it is stored. */
export type FlowEvent =
  | {
    readonly type: "FlowRunStarted";
    readonly runId: string;
    readonly flow: string;
    readonly isResumed: boolean;
    readonly atMs: number;
  }
  | TaskRunFacts & {
    readonly type: "TaskRunStarted";
    readonly attempt: number;
    readonly cacheKey: string | undefined;
  }
  | TaskRunFacts & {
    readonly type: "TaskRunFinished";
    readonly attempt: number;
    readonly durationMs: number;
    readonly cacheKey: string | undefined;
    /** SHA-256 of the encoded result; undefined when the task is not cached. */
    readonly resultHash: string | undefined;
  }
  | TaskRunFacts & {
    readonly type: "TaskRunCached";
    readonly cacheKey: string;
    readonly resultHash: string;
  }
  | TaskRunFacts & {
    readonly type: "TaskRunRetrying";
    /** The attempt that failed. */
    readonly attempt: number;
    readonly delayMs: number;
    readonly error: Error;
  }
  | TaskRunFacts & {
    readonly type: "TaskRunFailed";
    readonly state: "Failed" | "Crashed" | "TimedOut";
    readonly attempt: number;
    readonly error: Error;
  }
  | TaskRunFacts & { readonly type: "TaskRunCancelled"; readonly reason: string }
  | {
    readonly type: "FlowRunFinished";
    readonly runId: string;
    readonly flow: string;
    readonly state: RunState;
    readonly reason: string;
    readonly atMs: number;
    readonly counts: TaskCounts;
  };
