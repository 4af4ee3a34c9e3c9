import { ObjectMissingError } from "../objects/pull_object.ts";
import type { WireTask } from "../protocol/messages.ts";
import type { ObjectAccess } from "./object_access.ts";

/** A task of this client, as long as its caller has not been told its end. */
export interface PendingTask {
  readonly wire: WireTask;
  /** Of the code that must be there before the task. */
  readonly codeHash: string | undefined;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  /** What was stored for its sake alone is not held any more. */
  readonly letGo: () => void;
  /** Whether somebody asked for the result: only then it is fetched. */
  isWanted: boolean;
  /** Nobody will ask for it. */
  isAbandoned: boolean;
}

interface StoredResult {
  readonly task: PendingTask;
  objectId: string;
  isLoading: boolean;
  /** It was not to be had: the head computes it again and tells anew. */
  isMissing: boolean;
}

/** Results that are objects: they stay where they are until somebody asks for their value. One that was lost before that
 * is told anew by the head once it was computed again. */
export class StoredResults {
  readonly #access: ObjectAccess;
  readonly #onDone: (taskId: string) => void;
  readonly #results = new Map<string, StoredResult>();

  /** @param onDone the head may forget the task */
  constructor(access: ObjectAccess, onDone: (taskId: string) => void) {
    this.#access = access;
    this.#onDone = onDone;
  }

  /** Takes the result of a task, for the first time or anew. */
  take(taskId: string, objectId: string, task: PendingTask): void {
    let result = this.#results.get(taskId);
    if (result === undefined) {
      result = { task, objectId, isLoading: false, isMissing: false };
      this.#results.set(taskId, result);
    }
    result.objectId = objectId;
    result.isMissing = false;
    if (task.isWanted && !result.isLoading) this.#load(taskId, result);
    else if (task.isAbandoned) this.abandon(taskId);
  }

  /** The task behind a result that is not fetched yet. */
  taskOf(taskId: string): PendingTask | undefined {
    return this.#results.get(taskId)?.task;
  }

  /** Somebody asks for a result. */
  want(taskId: string): void {
    const result = this.#results.get(taskId);
    if (result === undefined || result.isLoading || result.isMissing) return;
    this.#load(taskId, result);
  }

  /** Nobody will ask for a result that nobody has asked for so far. */
  abandon(taskId: string): void {
    if (this.#results.get(taskId)?.task.isWanted === false) this.#end(taskId);
  }

  /** There will be no result after all. */
  drop(taskId: string): void {
    this.#results.delete(taskId);
  }

  /** Tasks whose end has to be told anew: they are submitted again over a new connection. */
  missing(): WireTask[] {
    return [...this.#results.values()].flatMap(({ task, isMissing }) =>
      isMissing ? [task.wire] : []
    );
  }

  /** Nothing can be fetched any more. */
  fail(error: Error): void {
    for (const { task } of this.#results.values()) if (task.isWanted) task.reject(error);
    this.#results.clear();
  }

  async #load(taskId: string, result: StoredResult): Promise<void> {
    const { task } = result;
    result.isLoading = true;
    while (this.#results.get(taskId) === result) {
      const { objectId } = result;
      result.isMissing = false;
      try {
        task.resolve(await this.#access.load(objectId));
        return this.#end(taskId);
      } catch (error) {
        if (!(error instanceof ObjectMissingError)) {
          task.reject(error as Error);
          return this.#end(taskId);
        }
        // Told anew while it was looked for: looked for again, there.
        if (result.objectId !== objectId) continue;
        result.isMissing = true;
        result.isLoading = false;
        return;
      }
    }
  }

  #end(taskId: string): void {
    if (this.#results.delete(taskId)) this.#onDone(taskId);
  }
}
