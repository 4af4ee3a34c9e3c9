import { setImmediate } from "node:timers";
import type { SchedulerState } from "../../scheduler/mod.ts";
import type { LogLine } from "../../protocol/log_line.ts";
import type { AttemptRecord } from "../telemetry/attempt_record.ts";
import type { Observatory } from "../telemetry/observatory.ts";
import { AttemptDigest } from "./attempt_digest.ts";
import { LiveProgress } from "./live_progress.ts";
import type { DashboardOptions, FlowRun } from "./run_source.ts";
import { SampleRing } from "./sample_ring.ts";
import type { Actors, Failures, NodeDetail, Nodes, Overview, Series } from "./schemas/cluster.ts";
import type { Deployments } from "./schemas/deployments.ts";
import type { LedgerState, RunDetail, Runs, Timeline } from "./schemas/runs.ts";
import type { Attempts, TaskDetail, Tasks } from "./schemas/tasks.ts";
import { actorsView, type Heartbeats, nodesView, nodeView } from "./views/nodes.ts";
import { overviewOf } from "./views/overview.ts";
import { type RunFilter, runsView, runView } from "./views/runs.ts";
import {
  attemptsView,
  type PageRange,
  taskDetailView,
  type TaskFilter,
  tasksView,
} from "./views/tasks.ts";
import { type Span, timelineOf } from "./views/timeline.ts";

/** What views are made of, from the head. */
export interface ViewParts {
  readonly state: SchedulerState;
  readonly observatory: Observatory;
  readonly heartbeats: () => Heartbeats;
  readonly refusedConnections: () => number;
  readonly journalBytes: () => number;
  readonly objects: () => { readonly count: number; readonly bytes: number };
  /** Tells of lines of the log as they come, until what it returns is called. */
  readonly onLogLines: (listener: (lines: readonly LogLine[]) => void) => () => void;
  readonly startedAtMs: number;
  readonly options: DashboardOptions;
}

/** Runs of a store that are listed. */
const MAX_FLOW_RUNS = 1_000;
/** A list of the store's runs serves so long. */
const FLOWS_FRESH_MS = 500;
const SAMPLE_MS = 1_000;

/** Makes the documents of the dashboard from what head, history and run store know. */
export class ViewSource implements Disposable {
  readonly #parts: ViewParts;
  readonly #digest = new AttemptDigest();
  readonly #samples: SampleRing;
  readonly #isReady: Promise<void>;
  readonly #sampler: ReturnType<typeof setInterval>;
  readonly #progress = new LiveProgress();
  readonly #unsubscribe: readonly (() => void)[];
  #flows: { readonly atMs: number; readonly runs: Promise<readonly FlowRun[]> } | undefined;
  #isClosed = false;

  constructor(parts: ViewParts) {
    this.#parts = parts;
    this.#samples = new SampleRing(parts.state, this.#digest);
    const seen = new Set<number>();
    this.#unsubscribe = [
      parts.observatory.onAttemptEnded((record) => {
        seen.add(record.attemptId);
        this.#digest.add(record);
        this.#progress.forget(record.taskId);
      }),
      parts.onLogLines((lines) => this.#progress.hear(lines)),
    ];
    this.#isReady = this.#readHistory(seen);
    this.#sampler = setInterval(() => this.#samples.take(Date.now()), SAMPLE_MS);
    Deno.unrefTimer(this.#sampler);
    this.#samples.take(Date.now());
  }

  /** Measures no more. */
  [Symbol.dispose](): void {
    this.#isClosed = true;
    clearInterval(this.#sampler);
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  /** The cluster at a glance. */
  async overview(): Promise<Overview> {
    await this.#isReady;
    const { state, observatory, options, startedAtMs } = this.#parts;
    const { count, bytes } = this.#parts.objects();
    const { states } = await this.runs({ state: undefined, text: undefined }, NO_ROWS);
    return overviewOf({
      state,
      heartbeats: this.#parts.heartbeats(),
      counters: observatory.counters,
      digest: this.#digest,
      head: {
        pid: Deno.pid,
        startedAtMs,
        residentBytes: Deno.memoryUsage().rss,
        journalBytes: this.#parts.journalBytes(),
        refusedConnections: this.#parts.refusedConnections(),
      },
      objects: { count, sizeBytes: bytes },
      runs: states,
      sample: this.#samples.latest(Date.now()),
      cost: await options.cost?.(),
    });
  }

  /** The last quarter of an hour. */
  async series(): Promise<Series> {
    await this.#isReady;
    return this.#samples.series(Date.now());
  }

  /** A page of runs. */
  async runs(filter: RunFilter, range: PageRange): Promise<Runs> {
    await this.#isReady;
    return runsView(this.#parts.state, this.#digest, await this.#flowRuns(), filter, range);
  }

  /** One run. */
  async run(runId: string): Promise<RunDetail | undefined> {
    await this.#isReady;
    const { state, options } = this.#parts;
    const flow = await options.runs?.find(runId);
    const view = runView(state, this.#digest, runId, flow, options.runs?.retry !== undefined);
    if (view === undefined) return undefined;
    // Lines may come after the end of their task.
    const live = this.#progress.artifactsOf(runId, (taskId) => {
      const task = state.tasks.get(taskId);
      return task !== undefined && task.record.finishedAtMs === undefined;
    });
    return { ...view, artifacts: [...live, ...view.artifacts] };
  }

  /** The attempts of a run over time. */
  async timeline(runId: string, fromMs?: number, toMs?: number): Promise<Timeline> {
    const spans: Span[] = [];
    for await (const records of this.#history({ runId, sinceMs: fromMs })) {
      for (const { workerId, name, startedAtMs, endedAtMs, end } of records) {
        if (startedAtMs === undefined || end === "recalled") continue;
        spans.push({ nodeId: workerId, name, startMs: startedAtMs, endMs: endedAtMs, end });
      }
    }
    spans.push(...this.#runningSpans(runId));
    return timelineOf(spans, fromMs, toMs);
  }

  /** The ledger of a run, verified. */
  async ledger(runId: string): Promise<LedgerState | undefined> {
    return await this.#parts.options.runs?.ledger(runId);
  }

  /** All deployments. */
  async deployments(): Promise<Deployments> {
    const { deployments } = this.#parts.options;
    const rows = await deployments?.list() ?? [];
    return {
      isServed: deployments?.isServed ?? false,
      deployments: Object.fromEntries(rows.map((row) => [row.name, row])),
    };
  }

  /** All nodes. */
  nodes(): Nodes {
    return nodesView(this.#parts.state, this.#parts.heartbeats());
  }

  /** One node. */
  node(nodeId: string): NodeDetail | undefined {
    return nodeView(this.#parts.state, this.#parts.heartbeats(), nodeId);
  }

  /** A page of the known tasks. */
  tasks(filter: TaskFilter, range: PageRange): Tasks {
    return tasksView(this.#parts.state, filter, range);
  }

  /** One task. */
  async task(taskId: string): Promise<TaskDetail | undefined> {
    const records = (await Array.fromAsync(this.#history({ taskId }))).flat();
    return taskDetailView(this.#parts.state, taskId, records);
  }

  /** A page of the attempts that ended. */
  async attempts(filter: TaskFilter, range: PageRange): Promise<Attempts> {
    return await attemptsView(this.#history({ runId: filter.runId }), filter, range);
  }

  /** Living actors. */
  actors(): Actors {
    return actorsView(this.#parts.state);
  }

  /** Why attempts failed. */
  async failures(): Promise<Failures> {
    await this.#isReady;
    return { total: this.#digest.failures, groups: this.#digest.groups() };
  }

  /** What ended before anybody looked. */
  async #readHistory(seen: ReadonlySet<number>): Promise<void> {
    for await (const records of this.#history({})) {
      for (const record of records) if (!seen.has(record.attemptId)) this.#digest.add(record);
    }
  }

  /** Records of the history, some at a time, so that others have their turn. */
  async *#history(
    query: Parameters<Observatory["history"]>[0],
  ): AsyncGenerator<readonly AttemptRecord[]> {
    let some: AttemptRecord[] = [];
    for (const record of this.#parts.observatory.history(query)) {
      if (some.push(record) < RECORDS_PER_TURN) continue;
      yield some;
      some = [];
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (this.#isClosed) return;
    }
    yield some;
  }

  *#runningSpans(runId: string): Generator<Span> {
    const { state } = this.#parts;
    if (!state.runs.has(runId)) return;
    for (const { workerId, admitted } of state.workers.values()) {
      for (const { task, isStarted, admittedAtMs } of admitted.values()) {
        if (task?.run.runId !== runId || !isStarted) continue;
        yield {
          nodeId: workerId,
          name: task.record.spec.name,
          startMs: admittedAtMs + state.skippedMs,
          endMs: state.wallMs,
          end: "running",
        };
      }
    }
  }

  #flowRuns(): Promise<readonly FlowRun[]> {
    const { runs } = this.#parts.options;
    if (runs === undefined) return Promise.resolve([]);
    const nowMs = performance.now();
    if (this.#flows === undefined || nowMs - this.#flows.atMs > FLOWS_FRESH_MS) {
      this.#flows = { atMs: nowMs, runs: runs.list(MAX_FLOW_RUNS) };
    }
    return this.#flows.runs;
  }
}

const NO_ROWS: PageRange = { offset: 0, limit: 0 };
const RECORDS_PER_TURN = 2_000;
