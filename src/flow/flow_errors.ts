import { errorCodeOf, errorMessage, UserError } from "../base/errors.ts";
import { TaskCancelledError, TaskFailedError } from "../../cluster/client/types.ts";
import type { ErrorKind } from "../../cluster/client/mod.ts";

/** The flow run was cancelled, by the signal that it was given. What was done is stored: running it again with the
 * same run id goes on from there. */
export class FlowCancelledError extends Error {
  /** For logs: what `instanceof` says in code. */
  override readonly name = "FlowCancelledError";
  /** What it is called in src/ERRORS.md. */
  readonly code = "flow/cancelled";
}

/** An attempt lasted longer than its task allows. */
export class AttemptTimedOutError extends Error {
  /** For logs: what `instanceof` says in code. */
  override readonly name = "AttemptTimedOutError";
  /** What it is called in src/ERRORS.md. */
  readonly code = "task/timed-out";
}

/** Somebody has rejected what a run asked for. */
export class ApprovalRejectedError extends Error {
  /** For logs: what `instanceof` says in code. */
  override readonly name = "ApprovalRejectedError";
  /** What it is called in src/ERRORS.md. */
  readonly code = "flow/rejected";
}

/** A task failed in all of its attempts. `cause` is what the last one threw. */
export class TaskRunFailedError extends Error {
  /** For logs: what `instanceof` says in code. */
  override readonly name = "TaskRunFailedError";
  /** What it is called in src/ERRORS.md: the code of what the last attempt threw, if it has one. */
  readonly code: string;

  /** Composes the message of what follows. */
  constructor(
    /** Of the task that failed. */
    readonly taskName: string,
    /** A summary of the arguments for people. */
    readonly argumentsSummary: string,
    /** `Crashed`: its process or its node ended under it. */
    readonly state: "Failed" | "Crashed" | "TimedOut",
    /** How many there were; 0 when it did not come to a first. */
    readonly attempts: number,
    cause: unknown,
  ) {
    super(
      `Task ${taskName}(${argumentsSummary}) ${VERBS[state]}` +
        `${attempts > 1 ? ` in each of ${attempts} attempts` : ""}: ${reasonOf(cause)}`,
      { cause },
    );
    const code = errorCodeOf(cause);
    this.code = code === "internal/unexpected" ? "task/thrown" : code;
  }

  /** Where it was thrown on the worker, for a task of the cluster. */
  get remoteStack(): string | undefined {
    return this.cause instanceof TaskFailedError ? this.cause.remoteStack : undefined;
  }
}

/** The flow names the task itself. */
function reasonOf(cause: unknown): string {
  return cause instanceof TaskFailedError ? cause.reason : errorMessage(cause);
}

const VERBS = { Failed: "failed", Crashed: "crashed", TimedOut: "timed out" } as const;

const CRASHES: ReadonlySet<string> = new Set<ErrorKind>([
  "crashed",
  "out_of_memory",
  "lost",
  "unprepared",
  "interrupted",
]);

/** Which bad end an attempt came to. */
export function failureState(error: unknown): "Failed" | "Crashed" | "TimedOut" {
  if (error instanceof AttemptTimedOutError) return "TimedOut";
  if (!(error instanceof TaskFailedError)) return "Failed";
  if (error.kind === "timed_out") return "TimedOut";
  return CRASHES.has(error.kind) ? "Crashed" : "Failed";
}

/** Whether another attempt could end otherwise. It could not for a task that no node can hold, whose input failed, that
 * somebody else cancelled, or where the user has to change something. */
export function isRetriable(error: unknown): boolean {
  if (error instanceof TaskFailedError) {
    return error.kind !== "unschedulable" && error.kind !== "dependency";
  }
  if (error instanceof ApprovalRejectedError) return false;
  return !(error instanceof TaskCancelledError || error instanceof UserError);
}
