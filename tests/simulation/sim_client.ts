import type {
  Affinity,
  ObjectSize,
  Resources,
  SchedulerEvent,
  TaskOutcome,
  TaskRules,
  TaskSpec,
} from "../../cluster/scheduler/types.ts";
import { drawCalls } from "./sim_actors.ts";
import { Connection } from "./connection.ts";
import type { Profile } from "./profile.ts";
import type { SimHead } from "./sim_head.ts";
import { sizeOf } from "./sim_stores.ts";
import type { World } from "./world.ts";

const SHAPES: readonly Resources[] = [{ cpus: 1 }, { cpus: 1 }, { cpus: 2 }, {
  cpus: 0.5,
  memory: 3,
}, { cpus: 4 }];

const IMPOSSIBLE: Resources = { cpus: 64 };

/** A client: submits a graph of tasks in batches, cancels and releases some, and sends again whatever may have been
 * lost when its connection closed. */
export class SimClient {
  /** What it was told, by task. */
  readonly outcomes = new Map<string, TaskOutcome>();
  readonly specs = new Map<string, TaskSpec>();
  readonly cancelled = new Set<string>();
  isLeaving = false;
  connection: Connection | undefined;
  readonly #unsent: TaskSpec[];
  #isEndOfAll = false;
  readonly #puts = new Set<string>();
  readonly #pins: boolean;

  constructor(
    private readonly world: World,
    private readonly profile: Profile,
    private readonly head: SimHead,
    readonly clientId: string,
  ) {
    this.#unsent = interleave(
      world,
      drawTasks(world, profile, clientId),
      drawCalls(world, profile, clientId),
    );
    for (const { objects } of this.#unsent) for (const { objectId } of objects) this.#put(objectId);
    this.#pins = world.chance(0.3);
    this.#connect();
    this.#submitSome();
    if (world.chance(profile.leaveChance)) {
      world.after(world.between(0, profile.faultsEndMs), () => this.leave());
    }
  }

  get isDone(): boolean {
    if (this.isLeaving) return true;
    // An actor ends when it is not wanted any more.
    return this.#unsent.length === 0 &&
      [...this.specs.values()].every(({ taskId, actor }) =>
        this.outcomes.has(taskId) || actor?.type === "creation"
      );
  }

  /** It goes for good and waits for nothing any more; at the end of all, its detached actors are not wanted either. */
  leave(isEndOfAll = false): void {
    this.isLeaving = true;
    this.#isEndOfAll ||= isEndOfAll;
    if (this.#isEndOfAll) {
      const actors = [...this.specs.values()].filter(({ actor }) => actor?.type === "creation");
      const taskIds = actors.map(({ taskId }) => taskId);
      for (const taskId of taskIds) this.cancelled.add(taskId);
      this.#send({ type: "CancelRequested", taskIds });
    }
    if (this.#pins) this.#send({ type: "ObjectsUnpinned", objectIds: [...this.#puts] });
    this.#send({ type: "ClientLeft", clientId: this.clientId });
  }

  receive(taskId: string, outcome: TaskOutcome): void {
    const known = this.outcomes.get(taskId);
    // Its result was lost after it had been fetched: what comes of computing it again is none of ours.
    if (known?.type === "succeeded" && known.result.type === "stored") return;
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(outcome)) {
      throw new Error(
        `client ${this.clientId} was told two outcomes of ${taskId}: ` +
          `${JSON.stringify(known)} and ${JSON.stringify(outcome)}`,
      );
    }
    if (outcome.type === "cancelled" && !this.cancelled.has(taskId)) {
      throw new Error(`task ${taskId} was cancelled, which nobody had asked for`);
    }
    const isStored = outcome.type === "succeeded" && outcome.result.type === "stored";
    if (known === undefined && isStored) return this.#fetch(taskId, outcome);
    this.#settle(taskId, outcome);
  }

  /** A result that is an object is fetched; when it is lost by then, the client asks again, as what it asks may be lost
   * on the way, until it has it or is told anew. */
  #fetch(taskId: string, outcome: TaskOutcome, withinMs = 200): void {
    this.world.after(this.world.between(0.1, withinMs), () => {
      if (this.outcomes.has(taskId)) return;
      const result = outcome.type === "succeeded" ? outcome.result : undefined;
      if (result?.type === "stored" && !this.head.stores.has(result.objectId)) {
        this.head.askHolders(result.objectId);
        return this.#fetch(taskId, outcome, 5_000);
      }
      this.#settle(taskId, outcome);
    });
  }

  #settle(taskId: string, outcome: TaskOutcome): void {
    const known = this.outcomes.get(taskId);
    this.outcomes.set(taskId, outcome);
    if (known === undefined && this.#unsent.length === 0 && this.world.chance(0.7)) {
      this.#send({ type: "TasksReleased", taskIds: [taskId] });
    }
  }

  #submitSome(): void {
    if (this.isLeaving || this.#unsent.length === 0) return;
    const specs = this.#unsent.splice(0, 1 + this.world.rng.below(this.profile.tasksPerClient));
    for (const spec of specs) this.specs.set(spec.taskId, spec);
    this.#send({ type: "TasksSubmitted", specs });
    for (const { taskId } of specs) {
      if (!this.world.chance(this.profile.cancelChance)) continue;
      this.world.after(this.world.between(0, 2_000), () => {
        this.cancelled.add(taskId);
        this.#send({ type: "CancelRequested", taskIds: [taskId] });
      });
    }
    this.world.after(this.world.between(0, 1_000), () => this.#submitSome());
  }

  #connect(): void {
    const { world } = this;
    if (!this.head.isUp) {
      world.after(world.between(50, 500), () => this.#connect());
      return;
    }
    const connection = new Connection(world, this.profile.latencyMs, {
      onPeerClosed: () => {
        this.connection = undefined;
        world.after(world.between(5, 1_000), () => this.#connect());
      },
      onHeadClosed: () => this.head.noticeClosed(undefined, connection),
    });
    this.connection = connection;
    this.head.accept(connection);
    connection.send("head", () => this.head.joinClient(this, connection));
    if (this.isLeaving) return this.leave();
    this.#hold();
    const unfinished = [...this.specs.values()].filter(({ taskId }) => !this.outcomes.has(taskId));
    this.#send({ type: "TasksSubmitted", specs: unfinished });
    this.#send({ type: "CancelRequested", taskIds: [...this.cancelled] });
  }

  #put(objectId: string): void {
    this.#puts.add(objectId);
    this.head.stores.head.add(objectId);
  }

  /** Says again what it refers to, and that it is there: what was put and is gone meanwhile is put again. */
  #hold(): void {
    const { clientId, head } = this;
    if (this.#puts.size === 0) return;
    for (const objectId of this.#puts) head.stores.head.add(objectId);
    const objects = head.stores.list(this.#puts);
    this.#send({ type: "ObjectsHeld", clientId, objects });
    this.#send({ type: "ObjectsStored", holder: undefined, objects });
    if (this.#pins) this.#send({ type: "ObjectsPinned", objects });
  }

  #send(event: SchedulerEvent): void {
    const copies = this.world.chance(this.profile.duplicateChance) ? 2 : 1;
    for (let i = 0; i < copies; i++) {
      this.connection?.send("head", () => this.head.receiveFromClient(event));
    }
  }
}

/** Both lists as one, each in its own order. */
function interleave(world: World, a: readonly TaskSpec[], b: readonly TaskSpec[]): TaskSpec[] {
  const merged: TaskSpec[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    const isFirst = j === b.length || (i < a.length && world.chance(0.5));
    merged.push(isFirst ? a[i++] : b[j++]);
  }
  return merged;
}

function drawTasks(world: World, profile: Profile, clientId: string): TaskSpec[] {
  const specs: TaskSpec[] = [];
  const putChance = world.pick([0, 0.2]);
  const dependsChance = world.pick([0, 0.3, 0.7]);
  for (let i = 0; i < profile.tasksPerClient; i++) {
    const dependencies: string[] = [];
    while (i > 0 && dependencies.length < 4 && world.chance(dependsChance)) {
      dependencies.push(specs[world.rng.below(i)].taskId);
    }
    specs.push({
      taskId: `${clientId}-${i}`,
      clientId,
      name: `name-${world.rng.below(4)}`,
      payload: new Uint8Array([i & 255]),
      dependencies,
      objects: world.chance(putChance) ? [drawPut(world, clientId)] : [],
      resources: profile.failUnschedulable && world.chance(0.05) ? IMPOSSIBLE : world.pick(SHAPES),
      priority: world.rng.below(3),
      retry: {
        maxAttempts: 1 + world.rng.below(4),
        baseDelayMs: world.pick([0, 50]),
        maxDelayMs: 400,
        ...(world.chance(profile.ruleChance) ? { retryOn: { kinds: ["timed_out"] } } : {}),
      },
      runTimeoutMs: world.chance(0.3) ? profile.meanTaskMs * 3 : Infinity,
      rules: drawRules(world, profile, clientId),
    });
  }
  return specs;
}

function drawPut(world: World, clientId: string): ObjectSize {
  const objectId = `put-${clientId}-${"x".repeat(world.rng.below(5))}`;
  return { objectId, sizeBytes: sizeOf(objectId) };
}

function drawRules(world: World, profile: Profile, clientId: string): TaskRules {
  const maybe = <T>(chance: number, draw: () => T): T | undefined =>
    world.chance(chance) ? draw() : undefined;
  const { ruleChance } = profile;
  return {
    queueTimeoutMs: maybe(ruleChance / 4, () => world.between(10, 20_000)),
    run: maybe(ruleChance, () => ({
      runId: world.pick(["run-0", "run-1", clientId]),
      weight: world.pick([1, 1, 2, 0.1]),
    })),
    affinity: maybe(ruleChance, () => drawAffinity(world, profile)),
    speculate: maybe(ruleChance, () => true),
    failFast: maybe(ruleChance, () => true),
    idempotency: maybe(profile.keyChance, () => ({
      key: `key-${world.rng.below(profile.keys)}`,
      fingerprint: world.pick(["f", "f", "f", "g"]),
    })),
  };
}

/** What is required includes the first worker, which has every label and is never drained: what is submitted can end. */
function drawAffinity(world: World, profile: Profile): Affinity {
  const nodes = ["w0", `w${world.rng.below(profile.workers)}`];
  const mode = world.pick(["require", "prefer"] as const);
  return world.pick([{ nodes, mode }, { labels: ["fast"], mode }, {
    labels: ["fast"],
    nodes,
    mode,
  }]);
}
