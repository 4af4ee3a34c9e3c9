import type { TaskError } from "../scheduler/types.ts";
import { taskFailed } from "./task_error.ts";

/** The process of an actor was lost, and the call may have run: whether its effects happened is not known. */
export class ActorLostError extends Error {
  /** Tells it from other errors. */
  override readonly name = "ActorLostError";
  /** What it is called in src/ERRORS.md. */
  readonly code = "actor/lost";
}

/** An actor ended for good, or is not known: no call of it will ever run. */
export class ActorDeadError extends Error {
  /** Tells it from other errors. */
  override readonly name = "ActorDeadError";
  /** What it is called in src/ERRORS.md. */
  readonly code = "actor/dead";
  /** Made by the client from what the head tells. */
  constructor(
    message: string,
    /** The class name of what ended it. */
    readonly causeName: string,
    /** Where its constructor threw, if it did. */
    readonly remoteStack: string | undefined,
  ) {
    super(message);
  }
}

/** The error with which a task or a call rejects. */
export function failureOf(taskName: string, error: TaskError): Error {
  switch (error.kind) {
    case "actor_lost":
      return new ActorLostError(error.message);
    case "actor_dead":
      return new ActorDeadError(error.message, error.name, error.stack);
    default:
      return taskFailed(taskName, error);
  }
}
