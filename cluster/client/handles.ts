import type { TaskHandle } from "./types.ts";

/** What the handles of a client need of it. */
interface HandlesParts {
  /** Somebody asked for the result. */
  readonly want: (taskId: string) => void;
  /** Whether nobody has asked for the result of a task that is still known. */
  readonly isUnwanted: (taskId: string) => boolean;
  /** Nobody can ask any more: the handle is gone. */
  readonly onForgotten: (taskId: string) => void;
}

/** The handles that a client gave out. Most are asked for their result at once, so that only those which are not by the
 * end of the turn are watched for being forgotten: watching costs more than a handle. */
export class Handles {
  readonly #parts: HandlesParts;
  readonly #taskIds = new WeakMap<object, string>();
  readonly #registry: FinalizationRegistry<string>;
  #fresh: TaskHandle<unknown>[] = [];

  constructor(parts: HandlesParts) {
    this.#parts = parts;
    this.#registry = new FinalizationRegistry(parts.onForgotten);
  }

  /** The task of each handle. */
  get taskIds(): Pick<WeakMap<object, string>, "get" | "has"> {
    return this.#taskIds;
  }

  /** Makes the handle that callers get of a task. */
  make<R>({ taskId, result, cancel }: TaskHandle<R>): TaskHandle<R> {
    const { want } = this.#parts;
    const handle: TaskHandle<R> = {
      taskId,
      cancel,
      get result() {
        want(taskId);
        return result;
      },
    };
    this.#taskIds.set(handle, taskId);
    if (this.#fresh.push(handle) === 1) queueMicrotask(() => this.#watchUnwanted());
    return handle;
  }

  #watchUnwanted(): void {
    for (const handle of this.#fresh) {
      if (this.#parts.isUnwanted(handle.taskId)) this.#registry.register(handle, handle.taskId);
    }
    this.#fresh = [];
  }
}
