import { refusal } from "../protocol/refusal.ts";
import type { NoticeSubject } from "./notice.ts";
import type { WorkerView } from "../scheduler/mod.ts";
import type { SchedulerEvent } from "../scheduler/types.ts";

/** How long a stop may take that does not say. */
const DEFAULT_STOP_GRACE_MS = 60_000;
/** What workers get beyond the grace, to end what was taken back from them. */
const EXTRA_MS = 5_000;
const LOOK_MS = 50;

/** What the service needs of its head. */
export interface ControlParts {
  readonly post: (event: SchedulerEvent) => void;
  readonly workers: () => readonly WorkerView[];
  readonly notice: (text: string, subject: NoticeSubject) => void;
}

/** Answers `POST /drain` and `POST /stop`. The caller has checked the token. */
export class ControlService implements Disposable {
  /** Resolves when a stop was asked for, and all workers are released or their time is up. */
  readonly stopRequested: Promise<void>;
  readonly #parts: ControlParts;
  readonly #stopped = Promise.withResolvers<void>();
  /** When a stop ends at the latest, by the clock of `performance`. */
  #stopEndMs = Infinity;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(parts: ControlParts) {
    this.#parts = parts;
    this.stopRequested = this.#stopped.promise;
  }

  /** Answers a request. */
  answer(request: Request): Response {
    const { pathname, searchParams } = new URL(request.url);
    if (request.method !== "POST") return refusal(405, `Cannot ${request.method} ${pathname}`);
    const grace = searchParams.get("grace");
    const graceMs = grace === null ? undefined : Number(grace);
    if (graceMs !== undefined && !(graceMs >= 0)) {
      return refusal(400, `Cannot use the grace ${JSON.stringify(grace)}: it is a number from 0`);
    }
    if (pathname === "/stop") return this.#stop(graceMs ?? DEFAULT_STOP_GRACE_MS);
    return this.#drain(searchParams.get("worker") ?? "", graceMs ?? Infinity);
  }

  /** Looks at workers no more. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #drain(workerId: string, graceMs: number): Response {
    if (!this.#parts.workers().some((view) => view.workerId === workerId)) {
      return refusal(404, `No worker ${JSON.stringify(workerId)} here`);
    }
    const subject = { level: "info", event: "worker_drained", workerId } as const;
    this.#parts.notice(`Worker ${workerId} is drained`, subject);
    this.#parts.post({ type: "DrainRequested", workerId, graceMs });
    return new Response(null, { status: 202 });
  }

  #stop(graceMs: number): Response {
    const subject = { level: "info", event: "stop_requested" } as const;
    this.#parts.notice("The head drains its workers and stops", subject);
    const endMs = performance.now() + graceMs;
    this.#stopEndMs = Math.min(this.#stopEndMs, endMs + EXTRA_MS);
    for (const { workerId } of this.#parts.workers()) {
      this.#parts.post({ type: "DrainRequested", workerId, graceMs });
    }
    this.#timer ??= setInterval(() => this.#look(endMs), LOOK_MS);
    return new Response(null, { status: 202 });
  }

  #look(endMs: number): void {
    const nowMs = performance.now();
    const workers = this.#parts.workers();
    if (workers.length === 0 || nowMs >= this.#stopEndMs) {
      clearInterval(this.#timer);
      return this.#stopped.resolve();
    }
    // One that joined meanwhile.
    for (const { workerId } of workers.filter(({ state }) => state === "connected")) {
      const graceMs = Math.max(0, endMs - nowMs);
      this.#parts.post({ type: "DrainRequested", workerId, graceMs });
    }
  }
}
