import { codedMessage, errorMessage } from "../base/errors.ts";
import { failureState } from "./flow_errors.ts";
import type { FlowRun } from "./flow_run.ts";
import type { FullLimit } from "./store/limits.ts";
import type { StateHooks } from "./state_hooks.ts";
import type { ClaimedRun, TaskIdentity } from "./store/claimed_run.ts";
import type { NewTaskRun } from "./store/run_writer.ts";
import { pendingRun, type Run, type RunEventType, transition } from "./states.ts";

/** One task run: its state, stored at every change before anything is done about it, and told to the listener. */
export class TaskRun {
  readonly #flowRun: FlowRun;
  readonly #claimed: ClaimedRun;
  readonly #identity: NewTaskRun;
  readonly #onState: StateHooks;
  #run: Run = pendingRun("task");
  #startedAtMs = 0;

  constructor(flowRun: FlowRun, claimed: ClaimedRun, identity: NewTaskRun, onState: StateHooks) {
    this.#flowRun = flowRun;
    this.#claimed = claimed;
    this.#identity = identity;
    this.#onState = onState;
    flowRun.count(undefined, "Pending");
  }

  /** What its logs and artifacts are stored under. */
  get identity(): TaskIdentity {
    return this.#identity;
  }

  /** The number of the present attempt, from 1. */
  get attempt(): number {
    return this.#run.attempt;
  }

  /** An attempt begins, the first or another. */
  async start(reason: string): Promise<void> {
    await this.#move(this.#startEvent, reason);
    this.#noteStart();
  }

  /** An attempt begins, where the limits of its tags have room; the limit that has none, else. */
  tryStart(reason: string): FullLimit | undefined {
    const from = this.#run;
    const to = transition(from, { type: this.#startEvent, reason });
    const nowMs = this.#flowRun.clock.nowMs();
    const full = this.#claimed.tryStartTaskRun(this.#identity, from, to, reason, nowMs);
    if (full !== undefined) return full;
    this.#changed(from, to, reason, nowMs);
    this.#noteStart();
    return undefined;
  }

  get #startEvent(): RunEventType {
    return this.#run.state === "Retrying" ? "RetryStarted" : "Started";
  }

  #noteStart(): void {
    this.#startedAtMs = this.#flowRun.clock.nowMs();
    this.#flowRun.emit(() => ({
      type: "TaskRunStarted",
      ...this.#facts(),
      attempt: this.attempt,
      cacheKey: this.#identity.cacheKey,
    }));
  }

  /** It has to wait before it may start. */
  async defer(reason: string): Promise<void> {
    await this.#move("Deferred", reason);
  }

  /** Whether it waits. */
  get isDeferred(): boolean {
    return this.#run.state === "Scheduled";
  }

  /** It need not wait any more. */
  async becomeDue(): Promise<void> {
    await this.#move("BecameDue", "");
  }

  /** The attempt is on a cluster, under this id. */
  noteClusterTask(clusterTask: string): void {
    this.#claimed.noteClusterTask(this.#identity.seq, clusterTask);
  }

  /** Its result is in the cache. */
  async findInCache(cacheKey: string, resultHash: string): Promise<void> {
    await this.#move("FoundInCache", "");
    this.#flowRun.emit(() => ({ type: "TaskRunCached", ...this.#facts(), cacheKey, resultHash }));
  }

  /** The attempt gave a result, which is stored. */
  async succeed(resultHash: string | undefined): Promise<void> {
    await this.#move("Succeeded", "");
    this.#flowRun.emit(() => ({
      type: "TaskRunFinished",
      ...this.#facts(),
      attempt: this.attempt,
      durationMs: this.#flowRun.clock.nowMs() - this.#startedAtMs,
      cacheKey: this.#identity.cacheKey,
      resultHash,
    }));
  }

  /** The attempt failed, and there will be another. */
  async awaitRetry(error: unknown, delayMs: number): Promise<void> {
    await this.#move(
      "AttemptFailed",
      `${errorMessage(error)}; tried again in ${Math.round(delayMs)} ms`,
    );
    this.#flowRun.emit(() => ({
      type: "TaskRunRetrying",
      ...this.#facts(),
      attempt: this.attempt,
      delayMs,
      error: toError(error),
    }));
  }

  /** The last attempt failed. */
  async fail(error: unknown): Promise<void> {
    const state = failureState(error);
    await this.#move(state, codedMessage(error));
    this.#flowRun.emit(() => ({
      type: "TaskRunFailed",
      ...this.#facts(),
      state,
      attempt: this.attempt,
      error: toError(error),
    }));
  }

  /** It is to be cancelled: stored first, then `stop` stops what runs. */
  async cancel(reason: string, stop: () => void): Promise<void> {
    await this.#move("CancelRequested", reason);
    if (this.#run.state === "Cancelling") {
      stop();
      await this.#move("CancelConfirmed", reason);
    }
    this.#flowRun.emit(() => ({ type: "TaskRunCancelled", ...this.#facts(), reason }));
  }

  async #move(type: RunEventType, reason: string): Promise<void> {
    const from = this.#run;
    const to = this.#run = transition(from, { type, reason });
    const atMs = this.#flowRun.clock.nowMs();
    const stored = this.#claimed.moveTaskRun(this.#identity.seq, from, to, reason, atMs);
    this.#flowRun.count(from.state, to.state);
    await stored;
    this.#callHooks(from, to, reason, atMs);
    if (from.state === "Running" && this.#identity.tags.length > 0) this.#flowRun.store.noteEnd();
  }

  #changed(from: Run, to: Run, reason: string, atMs: number): void {
    this.#run = to;
    this.#flowRun.count(from.state, to.state);
    this.#callHooks(from, to, reason, atMs);
  }

  #callHooks(from: Run, to: Run, reason: string, atMs: number): void {
    this.#flowRun.callHooks(this.#onState, {
      kind: "task",
      runId: this.#flowRun.runId,
      flow: this.#flowRun.flowName,
      task: this.#identity.taskName,
      taskSeq: this.#identity.seq,
      from: from.state,
      to: to.state,
      reason,
      atMs,
    });
  }

  #facts() {
    return {
      runId: this.#flowRun.runId,
      taskSeq: this.#identity.seq,
      task: this.#identity.taskName,
      arguments: this.#identity.arguments,
      atMs: this.#flowRun.clock.nowMs(),
      counts: this.#flowRun.counts(),
    };
  }
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
