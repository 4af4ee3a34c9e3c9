import { createRng, type Rng } from "../base/rng.ts";
import { CancelScope } from "./cancel_scope.ts";
import { ClusterLink } from "./cluster_link.ts";
import type { TaskCluster } from "./cluster_link.ts";
import type { FlowClock } from "./flow_clock.ts";
import type { FlowEvent, TaskCounts } from "./flow_events.ts";
import type { ClaimedRun } from "./run_registry.ts";
import { type Run, type RunEventType, type RunState, transition } from "./states.ts";
import type { FlowStore } from "./store.ts";
import { TaskRun } from "./task_run.ts";

/** What an execution of a flow run works with. */
export interface FlowRunParts {
  readonly flowName: string;
  readonly runId: string;
  readonly claimed: ClaimedRun;
  readonly store: FlowStore;
  readonly clock: FlowClock;
  readonly cluster: (() => Promise<TaskCluster>) | undefined;
  readonly onEvent: ((event: FlowEvent) => void) | undefined;
  /** Of the retries' jitter. */
  readonly seed: number;
}

/** One execution of a flow run: what its task runs have in common. */
export class FlowRun {
  readonly runId: string;
  readonly store: FlowStore;
  readonly clock: FlowClock;
  readonly cluster: ClusterLink;
  readonly rng: Rng;
  /** Cancelled when the flow is, and when it fails. */
  readonly scope: CancelScope = new CancelScope();
  readonly #flowName: string;
  readonly #claimed: ClaimedRun;
  readonly #onEvent: ((event: FlowEvent) => void) | undefined;
  readonly #live = new Set<Promise<unknown>>();
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #unobservedFailures = new Map<object, unknown>();
  readonly #counts: Partial<Record<RunState, number>> = {};
  #run: Run;
  #nextTaskSeq: number;

  constructor(parts: FlowRunParts) {
    this.runId = parts.runId;
    this.store = parts.store;
    this.clock = parts.clock;
    this.cluster = new ClusterLink(parts.cluster);
    this.rng = createRng(parts.seed);
    this.#flowName = parts.flowName;
    this.#claimed = parts.claimed;
    this.#onEvent = parts.onEvent;
    this.#run = parts.claimed.run;
    this.#nextTaskSeq = parts.claimed.nextTaskSeq;
  }

  /** Where the execution stands. */
  get state(): RunState {
    return this.#run.state;
  }

  /** A copy of the numbers of task runs by state. */
  counts(): TaskCounts {
    return { ...this.#counts };
  }

  /** Notes a task run's change of state in the counts. */
  count(from: RunState | undefined, to: RunState): void {
    if (from !== undefined) {
      const left = this.#counts[from]! - 1;
      if (left === 0) delete this.#counts[from];
      else this.#counts[from] = left;
    }
    this.#counts[to] = (this.#counts[to] ?? 0) + 1;
  }

  /** Makes a task run, pending. */
  openTaskRun(taskName: string, summary: string, cacheKey: string | undefined): TaskRun {
    const identity = { seq: this.#nextTaskSeq++, taskName, arguments: summary, cacheKey };
    this.#claimed.createTaskRun(identity, this.clock.nowMs());
    return new TaskRun(this, this.#claimed, identity);
  }

  /** Applies an event to the flow run; resolves once that is stored. */
  async move(type: RunEventType, reason: string): Promise<void> {
    const from = this.#run;
    this.#run = transition(from, { type, reason });
    await this.#claimed.moveFlowRun(from, this.#run, reason, this.clock.nowMs());
  }

  /** Tells the listener. What it throws cancels the flow, which then fails with it: a ledger that cannot be written
   * must not go unnoticed. The event is made only when somebody listens. */
  emit(makeEvent: () => FlowEvent): void {
    if (this.#onEvent === undefined) return;
    try {
      this.#onEvent(makeEvent());
    } catch (error) {
      this.scope.cancel(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Tells the listener that the execution begins. */
  emitStarted(): void {
    this.emit(() => ({
      type: "FlowRunStarted",
      runId: this.runId,
      flow: this.#flowName,
      isResumed: this.#claimed.isResumed,
      atMs: this.clock.nowMs(),
    }));
  }

  /** Tells the listener that the execution has ended; what it throws is the caller's. */
  emitFinished(reason: string): void {
    this.#onEvent?.({
      type: "FlowRunFinished",
      runId: this.runId,
      flow: this.#flowName,
      state: this.state,
      reason,
      atMs: this.clock.nowMs(),
      counts: this.counts(),
    });
  }

  /** Lets nothing of one cache key run at the same time: the second finds the result of the first. */
  async inTurn<R>(key: string, produce: () => Promise<R>): Promise<R> {
    const previous = this.#turns.get(key);
    const turn = previous === undefined ? produce() : previous.then(produce, produce);
    this.#turns.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(key) === turn) this.#turns.delete(key);
    }
  }

  /** Remembers work until it has settled. */
  track<R>(work: Promise<R>): Promise<R> {
    this.#live.add(work);
    const forget = () => {
      this.#live.delete(work);
    };
    work.then(forget, forget);
    return work;
  }

  /** Remembers that a submitted task failed before anybody asked for its result. */
  noteFailure(submission: object, error: unknown): void {
    this.#unobservedFailures.set(submission, error);
  }

  /** Somebody asked for the result. */
  noteObserved(submission: object): void {
    this.#unobservedFailures.delete(submission);
  }

  /** Resolves when no task run is left. */
  async idle(): Promise<void> {
    while (this.#live.size > 0) await Promise.allSettled(this.#live);
  }

  /** Waits for what was submitted and not awaited.
   * @throws the first failure that nobody asked for */
  async settle(): Promise<void> {
    await this.idle();
    for (const error of this.#unobservedFailures.values()) throw error;
  }

  /** Lets other processes have the run. */
  release(): void {
    this.#claimed.release();
  }
}
