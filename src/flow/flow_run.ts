import { CodedError, errorMessage } from "../base/errors.ts";
import { createRng, type Rng } from "../base/rng.ts";
import type { ArtifactContent } from "./artifact_content.ts";
import { CancelScope } from "./cancel_scope.ts";
import { childRunId } from "./child_run_id.ts";
import type { ClusterLink } from "./cluster_link.ts";
import type { FlowClock } from "./flow_clock.ts";
import { FlowCancelledError } from "./flow_errors.ts";
import type { FlowEvent, TaskCounts } from "./flow_events.ts";
import type { FlowDefinition } from "./flow_options.ts";
import { Lineage } from "./lineage.ts";
import { LiveWork } from "./live_work.ts";
import { PauseGate } from "./pause_gate.ts";
import { Pauses } from "./pauses.ts";
import { hooksFor, type StateChange, type StateHooks } from "./state_hooks.ts";
import { isTerminal, type Run, type RunEventType, type RunState, transition } from "./states.ts";
import type { ClaimedRun, TaskIdentity } from "./store/claimed_run.ts";
import type { FlowStore } from "./store/flow_store.ts";
import type { LogLevel } from "./store/run_records.ts";
import type { NewTaskRun } from "./store/run_writer.ts";
import { TaskRun } from "./task_run.ts";

/** What an execution of a flow run works with. */
export interface FlowRunParts {
  readonly definition: Pick<FlowDefinition, "name" | "onState">;
  readonly runId: string;
  readonly claimed: ClaimedRun;
  readonly store: FlowStore;
  readonly clock: FlowClock;
  readonly cluster: ClusterLink;
  readonly onEvent: ((event: FlowEvent) => void) | undefined;
  /** Of the retries' jitter. */
  readonly seed: number;
  /** The run that called this one, and what cancels the code which did. */
  readonly parent: { readonly flowRun: FlowRun; readonly scope: CancelScope } | undefined;
  /** Tasks whose results are computed again though they are in the cache: all of them, or those of these names. */
  readonly refresh: boolean | readonly string[];
}

const MAX_LOG_MESSAGE = 10_000;

/** One execution of a flow run: what its task runs have in common. */
export class FlowRun extends LiveWork {
  readonly runId: string;
  readonly flowName: string;
  readonly store: FlowStore;
  readonly clock: FlowClock;
  readonly cluster: ClusterLink;
  readonly rng: Rng;
  readonly lineage: Lineage;
  readonly refresh: boolean | readonly string[];
  /** Cancelled when the run is, and with the code that called it. */
  readonly scope: CancelScope;
  /** Closed while the run is paused: nothing new starts. */
  readonly gate: PauseGate;
  readonly pauses: Pauses;
  readonly #parent: FlowRunParts["parent"];
  readonly #claimed: ClaimedRun;
  readonly #onState: StateHooks;
  readonly #onEvent: ((event: FlowEvent) => void) | undefined;
  readonly #counts: Partial<Record<RunState, number>> = {};
  readonly #hooks = new Set<Promise<void>>();
  readonly #children = new Map<string, number>();
  #run: Run;
  #nextTaskSeq: number;
  #prepareResult: ((value: unknown) => Promise<() => void>) | undefined;

  constructor(parts: FlowRunParts) {
    super();
    const { definition, claimed, parent } = parts;
    this.runId = parts.runId;
    this.flowName = definition.name;
    this.store = parts.store;
    this.clock = parts.clock;
    this.cluster = parts.cluster;
    this.rng = createRng(parts.seed);
    this.lineage = new Lineage();
    this.refresh = parts.refresh;
    this.scope = new CancelScope(parent?.scope);
    this.gate = new PauseGate(parent?.flowRun.gate);
    this.pauses = new Pauses(this);
    this.#parent = parent;
    this.#onState = definition.onState;
    this.#claimed = claimed;
    this.#onEvent = parts.onEvent;
    this.#run = claimed.run;
    this.#nextTaskSeq = claimed.nextTaskSeq;
  }

  /** Where the execution stands. */
  get state(): RunState {
    return this.#run.state;
  }

  /** How often the run was started, this time included. */
  get execution(): number {
    return this.#claimed.run.attempt;
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
  openTaskRun(task: Omit<NewTaskRun, "seq">, onState: StateHooks): TaskRun {
    const identity = { ...task, seq: this.#nextTaskSeq++ };
    this.#claimed.createTaskRun(identity, this.clock.nowMs());
    return new TaskRun(this, this.#claimed, identity, onState);
  }

  /** An id for a child of this run. Unlabelled ones of the same name are numbered in the order of their calls. */
  childId(name: string, isLabelled: boolean): string {
    const count = (this.#children.get(name) ?? 0) + 1;
    if (count > 1 && isLabelled) {
      throw new CodedError(
        "flow/repeated-label",
        `Cannot call a second child ${name} of run ${this.runId}: give another label`,
      );
    }
    this.#children.set(name, count);
    return childRunId(this.runId, count === 1 ? name : `${name}-${count}`);
  }

  /** Applies an event to the flow run; resolves once that is stored. */
  async move(type: RunEventType, reason: string): Promise<void> {
    const from = this.#run;
    this.#run = transition(from, { type, reason });
    const atMs = this.clock.nowMs();
    await this.#claimed.moveFlowRun(from, this.#run, reason, atMs);
    this.callHooks(this.#onState, {
      kind: "flow",
      runId: this.runId,
      flow: this.flowName,
      task: null,
      taskSeq: null,
      from: from.state,
      to: this.#run.state,
      reason,
      atMs,
    });
  }

  /** Asks for the run's end: stored first, then done. Nothing happens to one that has ended, or is being cancelled. */
  async cancel(reason: FlowCancelledError): Promise<void> {
    if (isTerminal(this.state) || this.state === "Cancelling") return;
    if (this.scope.reason !== undefined) return;
    try {
      await this.move("CancelRequested", reason.message);
      this.scope.cancel(reason);
    } catch (error) {
      this.scope.cancel(error instanceof Error ? error : new Error(errorMessage(error)));
    }
  }

  /** The run has been cancelled when this gives a reason, by somebody who asked for it or with the code that called it;
   * it is stored, then. Nothing of it may be running any more. */
  async endIfCancelled(): Promise<Error | undefined> {
    const { reason } = this.scope;
    if (reason === undefined) return undefined;
    const isOurs = this.state === "Cancelling" || isTerminal(this.state);
    if (!isOurs && this.#parent?.scope.reason === undefined) {
      if (this.state === "Retrying") await this.move("RetryStarted", "");
      await this.move("Failed", reason.message);
      return reason;
    }
    if (!isOurs) await this.move("CancelRequested", reason.message);
    if (this.state === "Cancelling") await this.move("CancelConfirmed", reason.message);
    return reason;
  }

  /** Has the result of the run stored in the transaction that completes it. */
  keepResultBy(prepare: (value: unknown) => Promise<() => void>): void {
    this.#prepareResult = prepare;
  }

  /** The function has returned, and all that it started has ended: the run is completed, unless it was cancelled
   * meanwhile. A paused one is completed once it goes on. */
  async complete(scope: CancelScope, value: unknown): Promise<void> {
    await this.gate.pass(scope);
    const storeResult = await this.#prepareResult?.(value);
    scope.throwIfCancelled();
    if (this.state === "Cancelling") await scope.race(new Promise<never>(() => {}));
    storeResult?.();
    await this.move("Succeeded", "");
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
      flow: this.flowName,
      isResumed: this.#claimed.isResumed,
      atMs: this.clock.nowMs(),
    }));
  }

  /** Tells the listener that the execution has ended; what it throws is the caller's. */
  emitFinished(reason: string): void {
    this.#onEvent?.({
      type: "FlowRunFinished",
      runId: this.runId,
      flow: this.flowName,
      state: this.state,
      reason,
      atMs: this.clock.nowMs(),
      counts: this.counts(),
    });
  }

  /** Calls the hooks that wait for a state. What one throws is a line in the run's log. */
  callHooks(hooks: StateHooks, change: StateChange): void {
    for (const hook of hooksFor(hooks, change.to)) {
      const call = (async () => await hook(change))().catch((error) => {
        const task = change.taskSeq === null ? undefined : { seq: change.taskSeq };
        this.writeLog(task, "error", `The hook on ${change.to} failed: ${errorMessage(error)}`);
      });
      this.#hooks.add(call);
      call.then(() => this.#hooks.delete(call));
    }
  }

  /** Resolves when no hook is running. */
  async hooksEnded(): Promise<void> {
    while (this.#hooks.size > 0) await Promise.all(this.#hooks);
  }

  /** Adds a line to the run's log. */
  writeLog(task: Pick<TaskIdentity, "seq"> | undefined, level: LogLevel, message: string): void {
    this.#claimed.writeLog(task, level, message.slice(0, MAX_LOG_MESSAGE), this.clock.nowMs());
  }

  /** Keeps an artifact of a task run, or of the flow's own function. */
  keepArtifact(task: TaskIdentity | undefined, name: string, content: ArtifactContent): void {
    this.#claimed.putArtifact(task, name, content, this.clock.nowMs());
  }

  /** Lets other processes have the run. */
  release(): void {
    this.scope.close();
    this.#claimed.release();
    this.store.noteEnd();
  }
}
