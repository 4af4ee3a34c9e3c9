import { assertNever } from "../../src/base/errors.ts";
import type {
  AttemptReport,
  EndReport,
  HeldAttempt,
  ObjectFetch,
  Resources,
  ResultRef,
  SchedulerCommand,
  SchedulerEvent,
  TaskSpec,
} from "../../cluster/scheduler/types.ts";
import type { CallLedger } from "./call_ledger.ts";
import { drawChildren } from "./sim_children.ts";
import { Connection } from "./connection.ts";
import type { Profile } from "./profile.ts";
import { SimActor } from "./sim_actors.ts";
import type { SimCheckpoint } from "./sim_actors.ts";
import type { SimHead } from "./sim_head.ts";
import { resultOf } from "./sim_stores.ts";
import type { World } from "./world.ts";

type WorkerCommand = Extract<
  SchedulerCommand,
  {
    type:
      | "StartAttempt"
      | "StartActor"
      | "StartCall"
      | "CancelAttempt"
      | "AcknowledgeAttempt"
      | "ReleaseWorker";
  }
>;

interface Job {
  readonly attemptId: number;
  readonly spec: TaskSpec;
  readonly objects: readonly ObjectFetch[];
  isRunning: boolean;
  /** The process of the actor, if it is the creation of one. */
  readonly actor: SimActor | undefined;
  /** Tasks of its own that it waits for; while there are any it is blocked. */
  readonly children: Map<string, TaskSpec>;
}

type StartCall = Extract<WorkerCommand, { type: "StartCall" }>;
type StartActor = Extract<WorkerCommand, { type: "StartActor" }>;

const HEARTBEAT_MS = 2_000;
const MAX_TASK_MS = 60_000;

/** A worker's daemon: starts attempts in order of arrival within its capacity, reports, keeps reports until they are
 * acknowledged, and joins again with what it holds whenever the connection closed. */
export class SimWorker {
  connection: Connection | undefined;
  isStopped = false;
  #isUnderPressure = false;
  readonly #jobs = new Map<number, Job>();
  /** Calls that its actors have. */
  readonly #calls = new Map<number, StartCall>();
  readonly #unacknowledged = new Map<number, { taskId: string; report: AttemptReport }>();
  /** Grows with each crash: what was scheduled before it does not happen. */
  #life = 0;

  constructor(
    private readonly world: World,
    private readonly profile: Profile,
    private readonly head: SimHead,
    readonly workerId: string,
    readonly capacity: Resources,
    private readonly speed: number,
    private readonly ledger: CallLedger,
    readonly isSpot: boolean,
  ) {
    if (world.chance(0.7)) head.stores.open(workerId);
    world.after(world.between(0, 100), () => this.#connect());
    this.#beat(this.#life);
  }

  /** It holds neither attempts nor reports; a worker that was told to stop does not matter. */
  get isIdle(): boolean {
    if (this.isStopped) return true;
    const isEmpty = !this.head.stores.isOwn(this.workerId) || this.#store.size === 0;
    return isEmpty && this.#jobs.size + this.#calls.size + this.#unacknowledged.size === 0;
  }

  /** Everything that it holds is gone; it starts anew after a while. */
  crash(isReported: boolean): void {
    this.#life++;
    this.#jobs.clear();
    this.#calls.clear();
    this.#unacknowledged.clear();
    this.#isUnderPressure = false;
    this.head.stores.wipe(this.workerId);
    const { connection, world } = this;
    connection?.close();
    this.connection = undefined;
    if (isReported) {
      world.after(world.between(0, 20), () => this.head.reportDeath(this.workerId, connection));
    }
    world.after(world.between(100, 4_000), () => {
      this.#connect();
      this.#beat(this.#life);
    });
  }

  /** Its memory is nearly used up for a while. */
  press(forMs: number): void {
    if (this.#isUnderPressure || this.isStopped) return;
    this.#isUnderPressure = true;
    this.#sayPressure();
    this.#later(forMs, () => {
      this.#isUnderPressure = false;
      this.#sayPressure();
    });
  }

  /** One of its objects is gone, as from a disk that fails. */
  lose(): void {
    const [objectId] = this.head.stores.isOwn(this.workerId) ? this.#store : [];
    if (objectId !== undefined) this.deleteObject(objectId);
  }

  /** Deletes an object, and says so. */
  deleteObject(objectId: string): void {
    this.#store.delete(objectId);
    this.#send({ type: "ObjectsDropped", holder: this.workerId, objectIds: [objectId] });
  }

  get #store(): Set<string> {
    return this.head.stores.of(this.workerId);
  }

  receive(command: WorkerCommand): void {
    switch (command.type) {
      case "StartAttempt": {
        const { attemptId, spec, objects } = command;
        if (this.#jobs.has(attemptId) || this.#unacknowledged.has(attemptId)) return;
        const children = new Map();
        this.#jobs.set(attemptId, {
          attemptId,
          spec,
          objects,
          isRunning: false,
          actor: undefined,
          children,
        });
        return this.#startJobs();
      }
      case "StartActor": {
        const { attemptId, spec, objects } = command;
        if (this.#jobs.has(attemptId) || this.#unacknowledged.has(attemptId)) return;
        const actor = this.#makeActor(command);
        this.#jobs.set(attemptId, {
          attemptId,
          spec,
          objects,
          isRunning: false,
          actor,
          children: new Map(),
        });
        return this.#startJobs();
      }
      case "StartCall":
        return this.#takeCall(command);
      case "CancelAttempt": {
        const call = this.#calls.get(command.attemptId);
        if (call !== undefined) return this.#endCall(call, { type: "cancelled" });
        const job = this.#jobs.get(command.attemptId);
        if (job?.actor !== undefined) return this.#endActor(job, { type: "cancelled" });
        if (job === undefined || (job.isRunning && command.reason === "recalled")) return;
        const killMs = job.isRunning ? this.world.between(0, 30) : 0;
        return this.#later(killMs, () => this.#end(job, { type: "cancelled" }));
      }
      case "AcknowledgeAttempt":
        this.#unacknowledged.delete(command.attemptId);
        return;
      case "ReleaseWorker":
        if (this.#jobs.size > 0) {
          throw new Error(`worker ${this.workerId} was released while it holds attempts`);
        }
        this.isStopped = true;
        this.connection?.close();
        return;
      default:
        assertNever(command);
    }
  }

  /** The client inside an attempt is told that a task has ended. */
  receiveOutcome(attemptId: number, taskId: string): void {
    const job = this.#jobs.get(attemptId);
    if (job === undefined || !job.children.delete(taskId) || job.children.size > 0) return;
    const { workerId } = this;
    this.#send({ type: "AttemptResumed", workerId, taskId: job.spec.taskId, attemptId });
    this.#endLater(job);
  }

  #connect(): void {
    const { world } = this;
    if (this.isStopped || this.connection?.isUp) return;
    if (!this.head.isUp) return this.#later(world.between(50, 500), () => this.#connect());
    const life = this.#life;
    const connection = new Connection(world, this.profile.latencyMs, {
      onPeerClosed: () => {
        if (this.#life !== life || this.connection !== connection) return;
        this.connection = undefined;
        world.after(world.between(5, 3_000), () => {
          if (this.#life === life) this.#connect();
        });
      },
      onHeadClosed: () => this.head.noticeClosed(this.workerId, connection),
    });
    this.connection = connection;
    this.head.accept(connection);
    const held: HeldAttempt[] = [
      ...[...this.#unacknowledged].map(([attemptId, { taskId, report }]) => ({
        type: "finished" as const,
        taskId,
        attemptId,
        report,
      })),
      ...[...this.#jobs.values()].map(({ attemptId, spec: { taskId }, actor, children }) => ({
        type: actor?.isReady
          ? "alive" as const
          : children.size > 0
          ? "blocked" as const
          : "running" as const,
        taskId,
        attemptId,
      })),
      ...[...this.#calls.values()].map(({ attemptId, spec: { taskId } }) => ({
        type: "running" as const,
        taskId,
        attemptId,
      })),
    ];
    const { workerId, capacity } = this;
    connection.send("head", () => {
      this.head.openStore(this);
      this.head.joinWorker(this, connection, { workerId, capacity, held });
    });
    if (this.#isUnderPressure) this.#sayPressure();
    for (const { children } of this.#jobs.values()) {
      if (children.size > 0) this.#send({ type: "TasksSubmitted", specs: [...children.values()] });
    }
  }

  #sayPressure(): void {
    const { workerId } = this;
    const isUnderPressure = this.#isUnderPressure;
    this.#send({ type: "MemoryPressureChanged", workerId, isUnderPressure });
  }

  #beat(life: number): void {
    this.world.after(HEARTBEAT_MS, () => {
      if (this.#life !== life || this.isStopped) return;
      this.#send({ type: "WorkerHeard", workerId: this.workerId });
      this.#beat(life);
    });
  }

  #startJobs(): void {
    for (const job of this.#jobs.values()) {
      if (job.isRunning) continue;
      if (!this.#fits(job.spec)) return;
      job.isRunning = true;
      const { attemptId, spec } = job;
      const { workerId, world } = this;
      if (world.chance(this.profile.prepareChance)) {
        this.#prepareInVain(job);
        continue;
      }
      if (!this.#bringObjects(job)) continue;
      this.#send({ type: "AttemptStarted", workerId, taskId: spec.taskId, attemptId });
      if (job.actor !== undefined) {
        job.actor.construct();
        continue;
      }
      if (world.chance(this.profile.childChance)) this.#submitChildren(job);
      if (job.children.size === 0) this.#endLater(job);
    }
  }

  #prepareInVain(job: Job): void {
    const { attemptId, spec: { taskId } } = job;
    this.#send({ type: "AttemptPreparing", workerId: this.workerId, taskId, attemptId });
    const error = { kind: "unprepared", name: "NotPreparedError", message: "no network" } as const;
    this.#later(
      this.world.between(0, 2_000),
      () => this.#end(job, { type: "failed", error, durationMs: 0 }),
    );
  }

  #submitChildren({ attemptId, spec, children }: Job): void {
    const specs = drawChildren(this.world, spec, attemptId);
    if (specs.length > 0) this.#send({ type: "TasksSubmitted", specs });
    for (const child of specs) {
      if (child.parent?.isDetached !== true) children.set(child.taskId, child);
    }
    if (children.size === 0) return;
    const { workerId } = this;
    this.#send({ type: "AttemptBlocked", workerId, taskId: spec.taskId, attemptId });
  }

  #endLater(job: Job): void {
    const { attemptId, spec } = job;
    const durationMs = this.#drawDurationMs();
    this.#later(durationMs, () => {
      const failed = this.world.chance(this.profile.failChance);
      if (this.#jobs.get(attemptId) !== job) return;
      this.#end(
        job,
        failed
          ? {
            type: "failed",
            error: { kind: "thrown", name: "Error", message: `attempt ${attemptId}` },
            durationMs,
          }
          : { type: "succeeded", result: this.#keepResult(spec), durationMs },
      );
    });
  }

  /** Fetches what a job reads; one that cannot have all of it ends. */
  #bringObjects(job: Job): boolean {
    const { stores } = this.head;
    const missing: string[] = [];
    for (const fetch of job.objects) {
      const { objectId, sizeBytes } = fetch;
      const wasHere = this.#store.has(objectId);
      if (!stores.bring(this.workerId, fetch)) missing.push(objectId);
      else if (!wasHere && stores.isOwn(this.workerId)) {
        const objects = [{ objectId, sizeBytes }];
        this.#send({ type: "ObjectsStored", holder: this.workerId, objects });
      }
    }
    if (missing.length === 0) return true;
    // What the head took to be here is not.
    this.#send({ type: "ObjectsDropped", holder: this.workerId, objectIds: missing });
    const report = { type: "starved", objectIds: missing, message: "nobody has it" } as const;
    this.#later(this.world.between(1, 50), () => this.#end(job, report));
    return false;
  }

  #keepResult(spec: TaskSpec): ResultRef {
    const result = resultOf(spec);
    if (result.type === "stored") this.#store.add(result.objectId);
    return result;
  }

  #drawDurationMs(): number {
    const { world, profile } = this;
    const straggles = world.chance(profile.slowChance);
    const meanMs = profile.meanTaskMs * this.speed * (straggles ? 100 : 1);
    return Math.min(-Math.log(1 - world.rng.next()) * meanMs, MAX_TASK_MS);
  }

  #fits(spec: TaskSpec): boolean {
    return Object.entries(spec.resources).every(([name, amount]) => {
      let used = amount;
      for (const job of this.#jobs.values()) {
        if (job.isRunning && job.children.size === 0) used += job.spec.resources[name] ?? 0;
      }
      return used <= (this.capacity[name] ?? 0);
    });
  }

  #makeActor(start: StartActor): SimActor {
    const { attemptId, spec: { taskId } } = start;
    const { world, profile, ledger, workerId } = this;
    return new SimActor(start, {
      world,
      profile,
      ledger,
      later: (delayMs, run) => this.#later(delayMs, run),
      onReady: () => this.#send({ type: "ActorReady", workerId, taskId, attemptId }),
      onCallEnded: (call, report, checkpoint) => this.#endCall(call, report, checkpoint),
      onCrashed: () => {
        const job = this.#jobs.get(attemptId);
        const error = { kind: "crashed", name: "Crash", message: `process ${attemptId}` } as const;
        if (job !== undefined) this.#endActor(job, { type: "failed", error, durationMs: 1 });
      },
    });
  }

  #takeCall(call: StartCall): void {
    if (this.#calls.has(call.attemptId) || this.#unacknowledged.has(call.attemptId)) return;
    this.#calls.set(call.attemptId, call);
    const job = [...this.#jobs.values()].find(({ spec }) => spec.taskId === call.actorId);
    if (job?.actor?.isReady) job.actor.call(call);
    else this.#endCall(call, { type: "cancelled" });
  }

  /** The process of an actor ends: with its last state when it is asked back, as far as it says one. */
  #endActor(job: Job, report: EndReport): void {
    const { actor } = job;
    if (actor === undefined || actor.isGone) return;
    const { begun, waiting } = actor.end();
    const isAskedBack = report.type === "cancelled" && actor.isReady && actor.savesState;
    this.#end(
      job,
      isAskedBack ? { type: "checkpointed", report, checkpoint: actor.checkpoint() } : report,
    );
    const error = { kind: "crashed", name: "Crash", message: "its actor's process ended" } as const;
    for (const call of begun) this.#endCall(call, { type: "failed", error, durationMs: 1 });
    for (const call of waiting) this.#endCall(call, { type: "cancelled" });
  }

  /** Ends a call, unless it was cancelled before: then its actor ran on for nothing. */
  #endCall(call: StartCall, report: EndReport, checkpoint?: SimCheckpoint): void {
    if (!this.#calls.delete(call.attemptId)) return;
    this.#push(report.type === "succeeded" ? report.result : undefined);
    this.#report(
      call.attemptId,
      call.spec.taskId,
      checkpoint === undefined ? report : { type: "checkpointed", report, checkpoint },
    );
  }

  #end(job: Job, report: AttemptReport): void {
    const { attemptId, spec: { taskId } } = job;
    if (this.#jobs.get(attemptId) !== job) return;
    this.#jobs.delete(attemptId);
    this.#report(attemptId, taskId, report);
    this.#startJobs();
  }

  /** What calls come to, and states of actors, outlive the worker: the head has them before it hears of them. */
  #push(result: ResultRef | undefined): void {
    if (result?.type !== "stored") return;
    const { objectId, sizeBytes } = result;
    this.#store.add(objectId);
    this.head.stores.head.add(objectId);
    this.head.take({
      type: "ObjectsStored",
      holder: undefined,
      objects: [{ objectId, sizeBytes }],
    });
  }

  #report(attemptId: number, taskId: string, report: AttemptReport): void {
    if (report.type === "checkpointed") this.#push(report.checkpoint.value);
    this.#unacknowledged.set(attemptId, { taskId, report });
    this.#send({ type: "AttemptEnded", workerId: this.workerId, taskId, attemptId, report });
  }

  #send(event: SchedulerEvent): void {
    const { connection, world } = this;
    if (connection === undefined) return;
    const copies = world.chance(this.profile.duplicateChance) ? 2 : 1;
    for (let i = 0; i < copies; i++) {
      connection.send("head", () => this.head.receiveFromWorker(this.workerId, connection, event));
    }
  }

  #later(delayMs: number, run: () => void): void {
    const life = this.#life;
    this.world.after(delayMs, () => {
      if (this.#life === life) run();
    });
  }
}
