import type { RunQueue } from "./ready_queue.ts";
import type { Task } from "./state.ts";

/** A first-in-first-out list linked through the tasks themselves: a task leaves from the middle in O(1), so that a
 * cancelled one leaves nothing behind. A task is in one list at most. */
export class TaskList {
  /** The queue that it is a part of. */
  readonly owner: RunQueue;
  #first: Task | undefined;
  #last: Task | undefined;

  /** An empty list. */
  constructor(owner: RunQueue) {
    this.owner = owner;
  }

  /** The task that came first, or undefined when there is none. */
  get first(): Task | undefined {
    return this.#first;
  }

  /** Puts a task that is in no list at the end. */
  push(task: Task): void {
    task.list = this;
    task.previous = this.#last;
    task.next = undefined;
    if (this.#last === undefined) this.#first = task;
    else this.#last.next = task;
    this.#last = task;
  }

  /** Takes out a task that is in this list. */
  remove(task: Task): void {
    if (task.previous === undefined) this.#first = task.next;
    else task.previous.next = task.next;
    if (task.next === undefined) this.#last = task.previous;
    else task.next.previous = task.previous;
    task.list = task.previous = task.next = undefined;
  }
}
