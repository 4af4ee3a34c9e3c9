import type { CodeRef } from "../protocol/code_ref.ts";
import type { TaskPermissions } from "../protocol/task_permissions.ts";
import type { FunctionRef } from "../scheduler/types.ts";

/** A module as a payload names it. */
export interface LocatedModule {
  readonly module: string;
  readonly code?: CodeRef;
}

/** A function as a payload names it, with what its process may do. */
export interface LocatedFunction extends FunctionRef, LocatedModule {
  /** Undefined: the usual. */
  readonly permissions?: TaskPermissions;
}

/** A version of code that could not be stored at the head. */
export interface FailedUpload {
  readonly hash: string;
  readonly error: Error;
}

/** Names the modules of a client's tasks, and sees to it that the head has the code that they are of. */
export interface CodeSource {
  /** Throws a UserError when the module's code cannot be sent. */
  locate(moduleUrl: string): LocatedModule;
  /** Stores at the head what it does not have yet of all that was located.
   * @returns undefined when there is nothing to store; else, once all is tried, what failed */
  upload(): Promise<readonly FailedUpload[]> | undefined;
  /** The head may be another one: it is asked again for each version. */
  reconnected(): void;
}

/** The code of a task, for the tasks that it submits: the head has it. */
export class InheritedCode implements CodeSource {
  constructor(
    /** Of the code's folder on this node. */
    readonly url: string,
    readonly ref: CodeRef,
  ) {}

  locate(moduleUrl: string): LocatedModule {
    if (!moduleUrl.startsWith(this.url)) return { module: moduleUrl };
    return { module: moduleUrl.slice(this.url.length), code: this.ref };
  }

  upload(): undefined {}

  reconnected(): void {}
}
