import type { ClientMessage, WireTask } from "../protocol/messages.ts";
import type { CodeSource, FailedUpload } from "./code_source.ts";
import { submissionFrames } from "./submission_frames.ts";
import { SubmissionWindow } from "./submission_window.ts";
import type { ClientLink } from "./wiring.ts";

/** What an outbox needs of its client. */
export interface OutboxParts {
  readonly link: () => ClientLink;
  readonly code: CodeSource | undefined;
  /** What is to be told of objects, before the tasks of the same moment. */
  readonly objectMessages: () => readonly ClientMessage[];
  /** A task was cancelled before it was sent. */
  readonly onWithdrawn: (taskId: string) => void;
  /** An argument of a task, or of one that it reads, could not be stored. */
  readonly onUnstorable: (taskId: string, error: Error) => void;
  /** Code could not be sent: its tasks come to nothing. */
  readonly onCodeFailed: (failed: readonly FailedUpload[]) => void;
  /** A new connection has all tasks again: what else it has to be told. */
  readonly onResubmitted: () => void;
}

/** What a client has to tell its head: all of a turn of the event loop in few frames, no more tasks than the head allows,
 * and none before its code is there. */
export class Outbox {
  readonly #parts: OutboxParts;
  readonly #window = new SubmissionWindow();
  /** Tasks whose arguments are still being stored, and those that read them: when they can be sent. */
  readonly #unstored = new Map<
    string,
    { readonly wire: WireTask; readonly ready: Promise<unknown> }
  >();
  #submissions: WireTask[] = [];
  #cancellations: string[] = [];
  #releases: string[] = [];
  #messages: ClientMessage[] = [];
  #flushIsDue = false;
  #isConnected = false;
  #isResubmitting = false;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
  }

  /** A task that is new. It is sent at the end of the turn, or once its arguments are stored: the head takes no task
   * before those that it reads, and no call before its actor and what was called of that before.
   * @param stored undefined when nothing has to be waited for */
  submit(wire: WireTask, stored: Promise<unknown> | undefined): void {
    if (stored === undefined && this.#unstored.size === 0) return this.#push(wire);
    const { taskId } = wire;
    const waits = this.#waitsOf(wire);
    if (stored === undefined && waits.length === 0) return this.#push(wire);
    const ready = Promise.all([stored, ...waits]);
    this.#unstored.set(taskId, { wire, ready });
    ready.then(() => {
      if (this.#unstored.delete(taskId)) this.#push(wire);
    }, (error) => {
      if (this.#unstored.delete(taskId)) this.#parts.onUnstorable(taskId, error);
    });
  }

  /** What has to be sent before a task, as far as that waits itself. */
  #waitsOf({ dependencies, actor }: WireTask): Promise<unknown>[] {
    const waits = dependencies.flatMap((id) => this.#unstored.get(id)?.ready ?? []);
    if (actor?.type !== "call") return waits;
    let last: Promise<unknown> | undefined;
    for (const { wire, ready } of this.#unstored.values()) {
      const isBefore = wire.taskId === actor.actorId ||
        (wire.actor?.type === "call" && wire.actor.actorId === actor.actorId);
      if (isBefore) last = ready;
    }
    // It waits for those before it. If it comes to nothing, those after it do not.
    if (last !== undefined) waits.push(last.catch(() => {}));
    return waits;
  }

  /** Something is to be said at the end of this turn. */
  schedule(): void {
    if (this.#flushIsDue) return;
    this.#flushIsDue = true;
    queueMicrotask(() => this.flush());
  }

  /** Nobody wants the task any more. */
  cancel(taskId: string): void {
    this.#cancellations.push(taskId);
    this.schedule();
  }

  /** The head may forget the task. */
  release(taskId: string): void {
    this.#releases.push(taskId);
    this.schedule();
  }

  /** The head takes so many tasks more. */
  grant(tasks: number): void {
    this.#window.grant(tasks);
    this.schedule();
  }

  /** A message that goes after what was submitted before it; without a connection it is dropped. */
  say(message: ClientMessage): void {
    if (!this.#isConnected) return;
    if (this.#unstored.size > 0) {
      const ready = [...this.#unstored.values()].map(({ ready }) => ready);
      Promise.allSettled(ready).then(() => this.say(message));
      return;
    }
    this.#messages.push(message);
    this.flush();
  }

  /** There is a new connection: it gets everything that is pending. */
  resubmit(pending: readonly WireTask[]): void {
    this.#isConnected = true;
    this.#isResubmitting = true;
    this.#parts.code?.reconnected();
    this.#window.reset();
    this.#submissions = pending.filter(({ taskId }) => !this.#unstored.has(taskId));
    this.#messages = [];
    this.flush();
  }

  /** Sends what can be sent now. */
  flush(): void {
    this.#flushIsDue = false;
    const { code, onResubmitted } = this.#parts;
    const link = this.#parts.link();
    // Not connected: submissions are among the pending, which the next connection sends; the rest waits.
    if (!link.isOpen || !this.#isConnected) return;
    const upload = code?.upload();
    if (upload !== undefined) {
      upload.then((failed) => this.#codeArrived(failed));
      return;
    }
    const objects = this.#parts.objectMessages();
    if (objects.length > 0) link.send(objects);
    for (const tasks of submissionFrames(this.#window.admit(this.#submissions))) {
      link.send([{ type: "SubmitTasks", tasks }]);
    }
    this.#submissions = [];
    if (this.#isResubmitting) {
      this.#isResubmitting = false;
      onResubmitted();
    }
    const rest = [...this.#takeEnds(), ...this.#messages];
    this.#messages = [];
    if (rest.length > 0) link.send(rest);
  }

  #push(wire: WireTask): void {
    this.#submissions.push(wire);
    this.schedule();
  }

  /** What could not be sent fails its tasks, unless the connection is gone: the next one tries again. */
  #codeArrived(failed: readonly FailedUpload[]): void {
    if (!this.#parts.link().isOpen) return;
    if (failed.length > 0) this.#parts.onCodeFailed(failed);
    this.flush();
  }

  /** Forgets tasks that are not to be sent. */
  drop(isDropped: (taskId: string) => boolean): void {
    this.#submissions = this.#submissions.filter(({ taskId }) => !isDropped(taskId));
  }

  #takeEnds(): ClientMessage[] {
    const cancelled = this.#takeCancellations();
    const released = this.#takeReleases();
    const ends: ClientMessage[] = [];
    if (cancelled.length > 0) ends.push({ type: "CancelTasks", taskIds: cancelled });
    if (released.length > 0) ends.push({ type: "ReleaseTasks", taskIds: released });
    return ends;
  }

  /** Tasks that are held back end here; of the others the head decides. */
  #takeCancellations(): string[] {
    const taskIds = this.#cancellations;
    this.#cancellations = [];
    return taskIds.filter((taskId) => {
      if (!this.#window.withdraw(taskId) && !this.#unstored.delete(taskId)) return true;
      this.#parts.onWithdrawn(taskId);
      return false;
    });
  }

  /** What a task that is held back reads must not be forgotten before that one is there. */
  #takeReleases(): string[] {
    const taskIds = this.#releases;
    const read = new Set([...this.#unstored.values()].flatMap(({ wire }) => wire.dependencies));
    const isRead = (taskId: string) => read.has(taskId) || this.#window.isRead(taskId);
    this.#releases = taskIds.filter(isRead);
    if (this.#releases.length === 0) return taskIds;
    return taskIds.filter((taskId) => !isRead(taskId));
  }
}
