import { INITIAL_CREDITS } from "../protocol/limits.ts";
import type { WireTask } from "../protocol/messages.ts";

/** Holds submissions back while the head is full: a client sends no more tasks over a connection than it has credits. */
export class SubmissionWindow {
  #credits = INITIAL_CREDITS;
  /** By task id, in order of submission. */
  readonly #held = new Map<string, WireTask>();
  /** How many of them read each task. */
  readonly #readers = new Map<string, number>();

  /** Takes tasks in order of submission.
   * @returns those that may be sent now, with what was held back first */
  admit(tasks: readonly WireTask[]): readonly WireTask[] {
    if (this.#held.size === 0 && tasks.length <= this.#credits) {
      this.#credits -= tasks.length;
      return tasks;
    }
    for (const task of tasks) this.#hold(task);
    const admitted: WireTask[] = [];
    for (const task of this.#held.values()) {
      if (this.#credits === 0) break;
      this.#credits--;
      this.#letGo(task);
      admitted.push(task);
    }
    return admitted;
  }

  /** The head allows so many tasks more. */
  grant(tasks: number): void {
    this.#credits += tasks;
  }

  /** Takes back a task that is held.
   * @returns false when it is not: then the head may have it */
  withdraw(taskId: string): boolean {
    const task = this.#held.get(taskId);
    if (task === undefined) return false;
    this.#letGo(task);
    return true;
  }

  /** Whether a task that is held reads the result of this one: then the head must not forget that yet. */
  isRead(taskId: string): boolean {
    return this.#readers.has(taskId);
  }

  /** A new connection begins with new credits; whoever calls submits all that is pending again. */
  reset(): void {
    this.#credits = INITIAL_CREDITS;
    this.#held.clear();
    this.#readers.clear();
  }

  #hold(task: WireTask): void {
    this.#held.set(task.taskId, task);
    for (const id of task.dependencies) this.#readers.set(id, (this.#readers.get(id) ?? 0) + 1);
  }

  #letGo(task: WireTask): void {
    this.#held.delete(task.taskId);
    for (const id of task.dependencies) {
      const count = (this.#readers.get(id) ?? 0) - 1;
      if (count > 0) this.#readers.set(id, count);
      else this.#readers.delete(id);
    }
  }
}
