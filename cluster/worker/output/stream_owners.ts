import type { AttemptId } from "../../scheduler/types.ts";

/** PURE: whose output a stream of an executor carries now. Attempts come in the order in which they run; one whose
 * executor said that it wrote something owns the stream until its mark has come; the last one keeps what comes late. */
export class StreamOwners<Owner extends { readonly attemptId: AttemptId }> {
  readonly #queue: Owner[] = [];
  #last: Owner | undefined;

  /** Who wrote what comes now; undefined before the first attempt. */
  get current(): Owner | undefined {
    return this.#queue[0] ?? this.#last;
  }

  /** The executor was given an attempt. */
  add(owner: Owner): void {
    this.#queue.push(owner);
  }

  /** The executor has answered an attempt without any output, or its mark has come, or it was never begun. An attempt
   * that is not known, whose mark the task itself wrote, changes nothing. */
  end(attemptId: AttemptId): void {
    // Nearly always the first, and the queue is long when tasks are short.
    if (this.#queue[0]?.attemptId === attemptId) {
      this.#last = this.#queue.shift();
      return;
    }
    const at = this.#queue.findIndex((owner) => owner.attemptId === attemptId);
    if (at > 0) this.#queue.splice(at, 1);
  }
}
