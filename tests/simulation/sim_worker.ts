import { assertNever } from "../../src/base/errors.ts";
import type {
  AttemptReport,
  HeldAttempt,
  Resources,
  SchedulerCommand,
  SchedulerEvent,
  TaskSpec,
} from "../../cluster/scheduler/types.ts";
import { Connection } from "./connection.ts";
import type { Profile } from "./profile.ts";
import type { SimHead } from "./sim_head.ts";
import type { World } from "./world.ts";

type WorkerCommand = Extract<
  SchedulerCommand,
  { type: "StartAttempt" | "CancelAttempt" | "AcknowledgeAttempt" | "ReleaseWorker" }
>;

interface Job {
  readonly attemptId: number;
  readonly spec: TaskSpec;
  isRunning: boolean;
}

const HEARTBEAT_MS = 2_000;
const MAX_TASK_MS = 60_000;

/** A worker's daemon: starts attempts in order of arrival within its capacity, reports, keeps reports until they are
 * acknowledged, and joins again with what it holds whenever the connection closed. */
export class SimWorker {
  connection: Connection | undefined;
  isStopped = false;
  #isUnderPressure = false;
  readonly #jobs = new Map<number, Job>();
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
  ) {
    world.after(world.between(0, 100), () => this.#connect());
    this.#beat(this.#life);
  }

  /** It holds neither attempts nor reports; a worker that was told to stop does not matter. */
  get isIdle(): boolean {
    return this.isStopped || this.#jobs.size + this.#unacknowledged.size === 0;
  }

  /** Everything that it holds is gone; it starts anew after a while. */
  crash(isReported: boolean): void {
    this.#life++;
    this.#jobs.clear();
    this.#unacknowledged.clear();
    this.#isUnderPressure = false;
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

  receive(command: WorkerCommand): void {
    switch (command.type) {
      case "StartAttempt": {
        const { attemptId, spec } = command;
        if (this.#jobs.has(attemptId) || this.#unacknowledged.has(attemptId)) return;
        this.#jobs.set(attemptId, { attemptId, spec, isRunning: false });
        return this.#startJobs();
      }
      case "CancelAttempt": {
        const job = this.#jobs.get(command.attemptId);
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
      ...[...this.#jobs.values()].map(({ attemptId, spec: { taskId } }) => ({
        type: "running" as const,
        taskId,
        attemptId,
      })),
    ];
    const { workerId, capacity } = this;
    connection.send(
      "head",
      () => this.head.joinWorker(this, connection, { workerId, capacity, held }),
    );
    if (this.#isUnderPressure) this.#sayPressure();
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
      this.#send({ type: "AttemptStarted", workerId, taskId: spec.taskId, attemptId });
      const durationMs = this.#drawDurationMs();
      this.#later(durationMs, () => {
        const failed = world.chance(this.profile.failChance);
        this.#end(
          job,
          failed
            ? {
              type: "failed",
              error: { kind: "thrown", name: "Error", message: `attempt ${attemptId}` },
              durationMs,
            }
            : {
              type: "succeeded",
              result: { type: "stored", objectId: `${attemptId}`, sizeBytes: 1 },
              durationMs,
            },
        );
      });
    }
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
        if (job.isRunning) used += job.spec.resources[name] ?? 0;
      }
      return used <= (this.capacity[name] ?? 0);
    });
  }

  #end(job: Job, report: AttemptReport): void {
    const { attemptId, spec: { taskId } } = job;
    if (this.#jobs.get(attemptId) !== job) return;
    this.#jobs.delete(attemptId);
    this.#unacknowledged.set(attemptId, { taskId, report });
    this.#send({ type: "AttemptEnded", workerId: this.workerId, taskId, attemptId, report });
    this.#startJobs();
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
