import { setImmediate } from "node:timers";
import type { AttemptName, WorkerMessage } from "../protocol/messages.ts";
import type { AttemptId, AttemptReport } from "../scheduler/types.ts";

type EndedAttempt = Extract<WorkerMessage, { type: "AttemptsEnded" }>["attempts"][number];

/** Starts are reported so often: most tasks have ended by then, and it goes without saying. */
const START_REPORT_MS = 5;

/** What a report box needs of its daemon. */
export interface ReportBoxParts {
  readonly send: (messages: readonly WorkerMessage[]) => void;
  /** Whether anything runs on the node: then more is to be said soon. */
  readonly isBusy: () => boolean;
  /** Messages of others that go between starts and ends; after this they count as said. */
  readonly takeOthers: () => readonly WorkerMessage[];
}

/** What a daemon has to tell its head of attempts: gathered, so that what happens at about the same time travels
 * together, and what has ended need not be told before. */
export class ReportBox implements Disposable {
  readonly #parts: ReportBoxParts;
  #preparing: AttemptName[] = [];
  #started: AttemptName[] = [];
  #ended: EndedAttempt[] = [];
  #isDue = false;
  #startTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: ReportBoxParts) {
    this.#parts = parts;
  }

  /** An attempt waits for its code. */
  addPreparing({ attemptId, taskId }: AttemptName): void {
    this.#preparing.push({ attemptId, taskId });
    this.schedule();
  }

  /** An attempt has begun to run. */
  addStarted({ attemptId, taskId }: AttemptName): void {
    this.#started.push({ attemptId, taskId });
    // Not once a start: a timer costs as much as what is left of reporting.
    this.#startTimer ??= setTimeout(() => {
      this.#startTimer = undefined;
      this.#send();
    }, START_REPORT_MS);
  }

  /** An attempt has ended. */
  addEnded(attemptId: AttemptId, taskId: string, report: AttemptReport): void {
    this.#ended.push({ attemptId, taskId, report });
    this.schedule();
  }

  /** Sends what there is soon. */
  schedule(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    // Looked at once the executor has its next attempt: the reports of a busy node travel together, the last one is not
    // kept waiting.
    queueMicrotask(() => {
      if (this.#parts.isBusy()) setImmediate(() => this.#send());
      else this.#send();
    });
  }

  /** Forgets what was not sent: it is told another way. */
  clear(): void {
    this.#preparing = [];
    this.#started = [];
    this.#ended = [];
    this.#parts.takeOthers();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#startTimer);
  }

  #send(): void {
    this.#isDue = false;
    const messages: WorkerMessage[] = [];
    const ended = new Set(this.#ended.map(({ attemptId }) => attemptId));
    const preparing = this.#preparing.filter(({ attemptId }) => !ended.has(attemptId));
    const started = this.#started.filter(({ attemptId }) => !ended.has(attemptId));
    if (preparing.length > 0) messages.push({ type: "AttemptsPreparing", attempts: preparing });
    if (started.length > 0) messages.push({ type: "AttemptsStarted", attempts: started });
    messages.push(...this.#parts.takeOthers());
    if (this.#ended.length > 0) messages.push({ type: "AttemptsEnded", attempts: this.#ended });
    this.#preparing = [];
    this.#started = [];
    this.#ended = [];
    if (messages.length > 0) this.#parts.send(messages);
  }
}
