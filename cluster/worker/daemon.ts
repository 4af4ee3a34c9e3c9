import { assertNever } from "../../src/base/errors.ts";
import { PROTOCOL_VERSION } from "../protocol/messages.ts";
import { tokenNow } from "../protocol/access.ts";
import type { HeadToWorkerMessage, WorkerHello } from "../protocol/messages.ts";
import type { AttemptId, AttemptReport, Resources } from "../scheduler/types.ts";
import { ActorHosts } from "./actor_hosts.ts";
import { AttemptJobs } from "./attempt_jobs.ts";
import type { DaemonOptions } from "./daemon_options.ts";
import { HeldAttempts, isActor } from "./attempts.ts";
import type { AssignedAttempt } from "./attempts.ts";
import { CodeVersions, startFailure } from "./code_versions.ts";
import type { Executor, ExecutorOutcome } from "./executor.ts";
import { ExecutorPool } from "./executor_pool.ts";
import type { HeadLink } from "./head_link.ts";
import { availableMemoryShare, MemoryPressure } from "./memory_pressure.ts";
import { NestedRelay } from "./nested_relay.ts";
import { NodeObjects, StarvedError } from "./node_objects.ts";
import { NodeLog } from "./output/node_log.ts";
import { secretsOf } from "./output/secrets.ts";
import { ReportBox } from "./report_box.ts";

type CancelledAttempt = Extract<
  HeadToWorkerMessage,
  { type: "CancelAttempts" }
>["attempts"][number];

/** Attempts that an executor has behind the one that it runs: filled up to the one number once they are no more than
 * the other, so that several travel in one frame. */
const MAX_LOOK_AHEAD = 128;
const REFILL_LOOK_AHEAD = 64;

/** How long the code of a cancelled attempt may take to end by itself. */
const ABORT_GRACE_MS = 500;

/** How long an executor may run what nobody wants any more. */
const UNWANTED_PATIENCE_MS = 1_000;

/** The daemon of a node: joins the head, runs what it is assigned in executors of its own, and keeps every report until
 * the head has acknowledged it. A task that crashes or hangs costs an executor, never the daemon. */
export class Daemon implements AsyncDisposable {
  /** Resolves when the head released the worker; rejects when the head is lost for good. */
  readonly finished: Promise<void>;
  readonly #options: DaemonOptions;
  readonly #attempts: HeldAttempts;
  readonly #objects: NodeObjects;
  readonly #codes: CodeVersions;
  readonly #jobs: AttemptJobs;
  readonly #log: NodeLog;
  readonly #pool: ExecutorPool;
  readonly #nested: NestedRelay;
  readonly #memoryPressure = new MemoryPressure(availableMemoryShare);
  readonly #actors: ActorHosts;
  readonly #connection: HeadLink;
  readonly #running = new Map<
    AttemptId,
    { readonly executor: Executor; readonly resources: Resources }
  >();
  readonly #cancelled = new Set<AttemptId>();
  readonly #reports: ReportBox;
  #heartbeatTimer: ReturnType<typeof setInterval> | undefined;

  constructor(options: DaemonOptions) {
    this.#options = options;
    Deno.mkdirSync(options.nodeDir, { recursive: true, mode: 0o700 });
    this.#attempts = new HeldAttempts(options.capacity);
    this.#objects = new NodeObjects(options, (message) => this.#connection.send([message]));
    this.#nested = new NestedRelay({
      attempts: this.#attempts,
      objects: this.#objects,
      onPassed: () => {
        this.#reports.schedule();
        this.#startWhatFits();
      },
    });
    this.#reports = new ReportBox({
      send: (messages) => this.#connection.send(messages),
      isBusy: () => this.#running.size > this.#actors.idleCount,
      takeOthers: () => [...this.#actors.takeMessages(), ...this.#nested.takeMessages()],
    });
    this.#log = new NodeLog(options);
    this.#codes = new CodeVersions({
      folder: `${options.nodeDir}/code`,
      nodeName: `worker ${options.workerId} (${Deno.hostname()})`,
      objects: this.#objects,
      configPath: options.configPath,
      isOffline: options.isOffline ?? false,
      isInUse: (codeKey) => this.#pool.hasCode(codeKey),
    });
    const { memoryPerSlotBytes, configPath } = options;
    this.#jobs = new AttemptJobs(memoryPerSlotBytes, configPath, this.#codes, this.#objects);
    const slots = Math.max(1, Math.floor(options.capacity.cpus ?? 1));
    this.#pool = new ExecutorPool({
      ...options,
      objectFolders: this.#objects.folders,
      maxIdle: slots + 1,
      secrets: [tokenNow(options.token), ...secretsOf(Deno.env.toObject())],
      onLine: (line) => this.#log.task(line),
      onRequest: (executor, request) => this.#nested.take(executor, request),
    });
    this.#actors = new ActorHosts({
      attempts: this.#attempts,
      objects: this.#objects,
      onReady: () => this.#reports.schedule(),
      onEnded: (attemptId, taskId, report) => {
        this.#end(attemptId, taskId, report);
        if (this.#running.delete(attemptId)) this.#startWhatFits();
      },
    });
    this.#pool.warm(slots, this.#jobs.usualKind);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.finished = promise;
    this.#connection = options.openLink({
      hello: () => this.#hello(),
      onMessage: (message) => this.#receive(message, resolve),
      onLost: reject,
    });
  }

  /** Leaves the head, kills all executors and removes the worker's folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#heartbeatTimer);
    this.#reports[Symbol.dispose]();
    await Promise.all([this.#connection.close(), this.#pool.close()]);
    await this.#objects[Symbol.asyncDispose]();
    await this.#log[Symbol.asyncDispose]();
    await Deno.remove(this.#options.nodeDir, { recursive: true });
  }

  /** The processes that run tasks now. */
  executorPids(): number[] {
    return this.#pool.pids();
  }

  #hello(): WorkerHello {
    // The hello holds every report: what waited for the next frame would be said twice.
    this.#reports.clear();
    const { workerId, capacity } = this.#options;
    const held = this.#attempts.held();
    return {
      type: "WorkerHello",
      protocol: PROTOCOL_VERSION,
      workerId,
      pid: Deno.pid,
      capacity,
      held,
      store: this.#objects.describe(),
    };
  }

  #receive(message: HeadToWorkerMessage, release: () => void): void {
    switch (message.type) {
      case "Welcome":
        // It may be another one than before the connection broke.
        this.#pool.learn([tokenNow(this.#options.token)]);
        this.#memoryPressure.forget();
        clearInterval(this.#heartbeatTimer);
        this.#heartbeatTimer = setInterval(() => this.#sendHeartbeat(), message.heartbeatMs);
        for (const { executor } of this.#running.values()) executor.tell({ type: "HeadReturned" });
        break;
      case "StartAttempts":
        for (const attempt of message.attempts) this.#attempts.accept(attempt);
        this.#startWhatFits();
        break;
      case "StartActors":
        for (const actor of message.actors) this.#attempts.accept(actor);
        this.#startWhatFits();
        break;
      case "StartCalls":
        for (const call of message.calls) this.#actors.call(call);
        break;
      case "CancelAttempts":
        for (const cancelled of message.attempts) this.#cancel(cancelled);
        break;
      case "AcknowledgeAttempts":
        for (const attemptId of message.attemptIds) this.#attempts.acknowledge(attemptId);
        break;
      case "DeleteObjects":
        this.#objects.delete(message.objectIds);
        break;
      case "UploadObjects":
        this.#objects.upload(message.objectIds);
        break;
      case "ProbeStatus":
        this.#sendHeartbeat();
        break;
      case "TokenRotated":
        this.#pool.learn([message.token]);
        this.#options.keepToken?.(message.token);
        break;
      case "Release":
        release();
        break;
      case "NestedFrame":
      case "NestedRefused":
        this.#running.get(message.attemptId)?.executor.tell(message);
        break;
      default:
        assertNever(message);
    }
  }

  #sendHeartbeat(): void {
    this.#pool.endOutdated();
    const executors = this.#pool.statuses();
    const { preparing } = this.#codes;
    const heartbeat = { type: "Heartbeat", executors, preparing } as const;
    this.#connection.send([heartbeat, ...this.#memoryPressure.news()]);
  }

  #startWhatFits(): void {
    for (
      let next = this.#attempts.startNext();
      next !== undefined;
      next = this.#attempts.startNext()
    ) this.#start(next);
    for (const { executor, resources } of this.#running.values()) {
      this.#lookAhead(executor, resources);
    }
  }

  /** Starts an attempt that has its resources. One that has all that it needs is on its way at once. */
  #start(attempt: AssignedAttempt): void {
    const kind = this.#jobs.kindOf(attempt);
    const executor = kind !== undefined && !isActor(attempt) && this.#jobs.canFollow(attempt, kind)
      ? this.#pool.takeIdle(kind)
      : undefined;
    if (executor === undefined) this.#prepare(attempt);
    else {
      this.#noteStart(attempt, executor);
      this.#handTo(executor, attempt);
    }
  }

  /** Fetches what an attempt reads, and hands it to an executor. */
  async #prepare(attempt: AssignedAttempt): Promise<void> {
    const { attemptId, taskId } = attempt;
    try {
      this.#objects.hold(attemptId, attempt.objects);
      await this.#objects.prepare(attempt.objects);
      if (this.#jobs.readsFromDisk(attempt)) await this.#objects.copyToDisk(attempt.objects);
      const executor = await this.#acquire(attempt);
      if (this.#attempts.where(attemptId) !== "running") return this.#pool.release(executor);
      this.#noteStart(attempt, executor);
      if (isActor(attempt)) {
        const secrets = this.#jobs.secretsOf(attempt);
        this.#actors.start(attempt, executor, secrets, this.#jobs.codeUrlOf(attempt));
        // Tasks find a process that waits for them, as before.
        this.#pool.warm(1, executor.kind);
      } else {
        this.#handTo(executor, attempt);
        this.#lookAhead(executor, attempt.resources);
      }
    } catch (error) {
      if (this.#attempts.where(attemptId) !== "running") return;
      const failure = startFailure(error);
      this.#notice(`Attempt ${attemptId} of task ${taskId} could not be run: ${failure.message}`);
      if (error instanceof StarvedError) {
        this.#end(attemptId, taskId, error.report);
        return this.#startWhatFits();
      }
      this.#end(attemptId, taskId, { type: "failed", error: failure, durationMs: 0 });
      this.#startWhatFits();
    }
  }

  /** An executor for an attempt, once its code is ready here. */
  async #acquire(attempt: AssignedAttempt): Promise<Executor> {
    if (this.#jobs.kindOf(attempt) === undefined) this.#reports.addPreparing(attempt);
    using lease = await this.#jobs.leaseKind(attempt);
    return await this.#pool.acquire(lease.kind);
  }

  /** Gives a busy executor what it can run next without waiting for us: a short task would else cost a round trip of
   * idleness. */
  #lookAhead(executor: Executor, resources: Resources): void {
    if (executor.isLet || executor.isBlocked) return;
    if (executor.pendingCount > 1 + REFILL_LOOK_AHEAD) return;
    while (executor.isAlive && executor.pendingCount <= MAX_LOOK_AHEAD) {
      const next = this.#attempts.handOver(
        resources,
        (attempt) => !isActor(attempt) && this.#jobs.canFollow(attempt, executor.kind),
      );
      if (next === undefined) return;
      this.#handTo(executor, next);
    }
  }

  #handTo(executor: Executor, attempt: AssignedAttempt): void {
    this.#objects.hold(attempt.attemptId, attempt.objects);
    executor.run(
      this.#jobs.job(attempt),
      (outcome) => this.#takeOutcome(executor, attempt, outcome),
    );
  }

  #noteStart(attempt: AssignedAttempt, executor: Executor): void {
    this.#running.set(attempt.attemptId, { executor, resources: attempt.resources });
    this.#reports.addStarted(attempt);
  }

  #takeOutcome(executor: Executor, attempt: AssignedAttempt, outcome: ExecutorOutcome): void {
    const { attemptId, taskId } = attempt;
    if (outcome.type === "unstarted" || this.#attempts.where(attemptId) === "queued") {
      // It gave it back, or was ended for the sake of the attempt before and not noticed to begin this one.
      this.#attempts.takeBack(attemptId);
      return this.#startWhatFits();
    }
    this.#running.delete(attemptId);
    if (this.#cancelled.delete(attemptId)) {
      this.#end(attemptId, taskId, { type: "cancelled" });
      this.#objects.discard(outcome);
    } else if (this.#attempts.where(attemptId) === "running") {
      const isOfExecutor = outcome.type === "succeeded" || outcome.type === "failed";
      this.#finish(attempt, isOfExecutor ? { ...outcome, executorPid: executor.pid } : outcome);
    } else this.#objects.discard(outcome);
    this.#goOn(executor);
    this.#startWhatFits();
  }

  /** Moves an executor to the next attempt that it has, or back into the pool. */
  #goOn(executor: Executor): void {
    const next = executor.current;
    if (next === undefined) return this.#pool.release(executor);
    if (!executor.isAlive) return;
    const attempt = this.#attempts.promote(next);
    if (attempt !== undefined) this.#noteStart(attempt, executor);
    // What was cancelled or recalled meanwhile is expected to be short: it may end, and its result is ignored.
    else executor.killUnlessDone(next, UNWANTED_PATIENCE_MS);
  }

  /** Ends an attempt with its report. A result that is an object stays on this node. */
  #finish({ attemptId, taskId }: AssignedAttempt, report: AttemptReport): void {
    if (report.type === "starved") this.#objects.check(report.objectIds);
    const isLost = report.type === "succeeded" && report.result.type === "stored" &&
      !this.#objects.admit(report.result.objectId);
    // An earlier object of the same bytes was deleted in this very moment.
    const lost = { type: "starved", objectIds: [], message: "its result was deleted" } as const;
    this.#end(attemptId, taskId, isLost ? lost : report);
  }

  #cancel({ attemptId, taskId, reason }: CancelledAttempt): void {
    if (this.#actors.cancel(attemptId, taskId, reason === "recalled")) return;
    switch (this.#attempts.where(attemptId)) {
      case "queued":
      case "unknown":
        this.#end(attemptId, taskId, { type: "cancelled" });
        break;
      case "finished":
        // Its report is on the way.
        break;
      case "running": {
        if (reason === "recalled") break;
        const executor = this.#running.get(attemptId)?.executor;
        if (executor === undefined) {
          // What it reads or its code is still on the way, which may take long: nobody has to wait for that.
          this.#end(attemptId, taskId, { type: "cancelled" });
          this.#startWhatFits();
          break;
        }
        this.#cancelled.add(attemptId);
        this.#abort(attemptId, executor);
        break;
      }
    }
  }

  /** Asks the code of an attempt to end; if it does not soon, its process is ended. */
  #abort(attemptId: AttemptId, executor: Executor): void {
    executor.tell({ type: "AbortAttempt", attemptId });
    executor.killUnlessDone(attemptId, ABORT_GRACE_MS);
  }

  #notice(message: string): void {
    this.#options.onNotice(message);
    this.#log.notice(message);
  }

  #end(attemptId: AttemptId, taskId: string, report: AttemptReport): void {
    this.#attempts.finish(attemptId, report);
    this.#objects.release(attemptId);
    this.#reports.addEnded(attemptId, taskId, report);
  }
}
