import { refusal } from "../../protocol/refusal.ts";
import type { ExecutorStatus } from "../../protocol/status.ts";
import { countsByState, loadView, taskView, workerViews } from "../../scheduler/mod.ts";
import type { SchedulerState } from "../../scheduler/mod.ts";
import type { SchedulerCommand, SchedulerEvent } from "../../scheduler/types.ts";
import { AttemptLog } from "./attempt_log.ts";
import { AttemptTracer } from "./attempt_tracer.ts";
import { Counters } from "./counters.ts";
import { headMetrics } from "./head_metrics.ts";
import { History } from "./history.ts";
import { LoopDelay } from "./loop_delay.ts";
import type { AttemptRecord } from "./attempt_record.ts";
import type { HistoryQuery } from "./history.ts";
import type { TaskReport } from "./task_report.ts";
import { PROMETHEUS_CONTENT_TYPE, renderPrometheus } from "./prometheus_text.ts";

/** What an {@linkcode Observatory} asks of its head when it is asked. */
export interface ObservedHead {
  readonly executors: () => ReadonlyMap<string, { readonly executors: readonly ExecutorStatus[] }>;
  readonly refusedConnections: () => number;
  readonly objects: () => Promise<{ readonly count: number; readonly bytes: number }>;
  readonly journalBytes: () => number;
}

/** Lines of the history that are sent in one piece. */
const LINES_PER_CHUNK = 1_000;

/** What can be seen of a head from outside: counts, the history of attempts, the story of a task. It sees every step of
 * the scheduler, changes nothing, and answers over HTTP. */
export class Observatory implements Disposable {
  readonly #state: SchedulerState;
  readonly #head: ObservedHead;
  /** What was counted since the head's start. */
  readonly counters = new Counters();
  readonly #listeners = new Set<(record: AttemptRecord) => void>();
  readonly #tracer = new AttemptTracer();
  readonly #attempts: AttemptLog;
  readonly #history: History;
  readonly #loopDelay = new LoopDelay();
  readonly #startedAtSeconds = Date.now() / 1e3;

  /** @param historyPath an SQLite file of its own */
  constructor(state: SchedulerState, historyPath: string, head: ObservedHead) {
    this.#state = state;
    this.#head = head;
    this.#history = new History(historyPath);
    const keep = this.counters.listener((record) => {
      this.#history.add(record);
      this.#tracer.end(record);
      for (const listener of this.#listeners) listener(record);
    });
    this.#attempts = new AttemptLog(state, keep);
  }

  /** Takes one step of the scheduler, right after it. */
  stepped(event: SchedulerEvent, commands: readonly SchedulerCommand[], nowMs: number): void {
    if (event.type === "WorkerJoined") this.counters.joinedWorkers++;
    this.counters.take(commands, this.#state.tasks);
    this.#tracer.take(commands);
    this.#attempts.take(event, commands, nowMs);
  }

  /** A batch was written to the journal. */
  committed(durationMs: number): void {
    this.counters.commitSeconds.observe(durationMs / 1e3);
  }

  /** Tells of every attempt that ends from now on.
   * @returns what ends that */
  onAttemptEnded(listener: (record: AttemptRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The attempts that ended, the oldest first. */
  history(query: HistoryQuery): Iterable<AttemptRecord> {
    return this.#history.read(query);
  }

  /** Answers `GET /metrics`, `/history?since=MS&run=R&task=T` and `/tasks/ID`; undefined for anything else. The caller
   * has checked the token. */
  async answer(request: Request): Promise<Response | undefined> {
    const { pathname, searchParams } = new URL(request.url);
    if (request.method !== "GET") return undefined;
    if (pathname === "/metrics") {
      const headers = { "content-type": PROMETHEUS_CONTENT_TYPE };
      return new Response(await this.#renderMetrics(), { headers });
    }
    if (pathname === "/history") return this.#historyOf(searchParams);
    if (pathname.startsWith("/tasks/")) {
      return this.#task(decodeURIComponent(pathname.slice("/tasks/".length)));
    }
    return undefined;
  }

  /** Writes what is in memory alone. */
  [Symbol.dispose](): void {
    this.#loopDelay[Symbol.dispose]();
    this.#history[Symbol.dispose]();
  }

  async #renderMetrics(): Promise<string> {
    const { rss, heapUsed } = Deno.memoryUsage();
    return renderPrometheus(headMetrics(this.counters, {
      tasksByState: countsByState(this.#state),
      load: loadView(this.#state),
      openAttempts: this.#attempts.openCount,
      workers: workerViews(this.#state),
      executors: this.#head.executors(),
      objects: await this.#head.objects(),
      refusedConnections: this.#head.refusedConnections(),
      journalBytes: this.#head.journalBytes(),
      loopDelaySeconds: this.#loopDelay.delays,
      memory: { residentBytes: rss, heapBytes: heapUsed },
      startedAtSeconds: this.#startedAtSeconds,
    }));
  }

  #historyOf(wanted: URLSearchParams): Response {
    const since = wanted.get("since");
    const sinceMs = since === null ? undefined : Number(since);
    if (sinceMs !== undefined && !Number.isFinite(sinceMs)) {
      const error = `Cannot read the history since ${since}: it takes milliseconds since 1970`;
      return refusal(400, error);
    }
    const records = this.#history.read({
      sinceMs,
      runId: wanted.get("run") ?? undefined,
      taskId: wanted.get("task") ?? undefined,
    });
    const headers = { "content-type": "application/x-ndjson" };
    return new Response(ReadableStream.from(chunksOf(records)), { headers });
  }

  #task(taskId: string): Response {
    const task = taskView(this.#state, taskId);
    const attempts = [...this.#history.read({ taskId })];
    if (task === undefined && attempts.length === 0) {
      return refusal(404, `No task ${taskId} is known here`);
    }
    const report: TaskReport = { taskId, task: task ?? null, attempts };
    return Response.json(report);
  }
}

function* chunksOf(records: Iterable<unknown>): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  let lines: string[] = [];
  for (const record of records) {
    if (lines.push(`${JSON.stringify(record)}\n`) < LINES_PER_CHUNK) continue;
    yield encoder.encode(lines.join(""));
    lines = [];
  }
  if (lines.length > 0) yield encoder.encode(lines.join(""));
}
