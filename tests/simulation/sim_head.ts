import { assertNever } from "../../src/base/errors.ts";
import {
  checkInvariants,
  createScheduler,
  nextDeadlineMs,
  restoreObjects,
  restoreTasks,
  type SchedulerState,
  step,
} from "../../cluster/scheduler/mod.ts";
import type {
  HeldAttempt,
  Resources,
  SchedulerCommand,
  SchedulerEvent,
  TaskRecord,
} from "../../cluster/scheduler/types.ts";
import { AttemptLog } from "../../cluster/head/telemetry/attempt_log.ts";
import type { CallLedger } from "./call_ledger.ts";
import { checkFollowed } from "./check_followed.ts";
import { attemptOfClient } from "./sim_children.ts";
import type { Connection } from "./connection.ts";
import type { Profile } from "./profile.ts";
import type { SimClient } from "./sim_client.ts";
import { SimStores, sizeOf } from "./sim_stores.ts";
import type { SimWorker } from "./sim_worker.ts";
import type { World } from "./world.ts";

interface Peer<T> {
  readonly peer: T;
  readonly connection: Connection;
}

const STORY_LENGTH = 40;
const RESTART_MS = 800;
const ROUNDING_MS = 2 ** -10;
const KEY_RETENTION_MS = 300_000;
const IGNORE_ATTEMPTS = { onAssigned() {}, onEnded() {} };

/** The head's shell around the real scheduler: stores before it sends, feeds events in, and checks after each step.
 * It may crash at any moment, also between the storing and the sending. */
export class SimHead {
  isUp = true;
  state: SchedulerState;
  steps = 0;
  /** What survives a crash. */
  readonly store = new Map<string, TaskRecord>();
  readonly pins = new Set<string>();
  /** What really lies where. */
  readonly stores = new SimStores();
  readonly #workers = new Map<string, Peer<SimWorker>>();
  readonly #clients = new Map<string, Peer<SimClient>>();
  readonly #departed = new Set<string>();
  /** All that are open, also those whose first message is still under way. */
  readonly #connections = new Set<Connection>();
  /** Workers that may get nothing new. */
  readonly #drained = new Set<string>();
  /** Where each attempt went. */
  readonly #attemptWorkers = new Map<number, string>();
  /** Workers that said that their memory is nearly used up. */
  readonly #pressed = new Set<string>();
  /** The result that each idempotency key led to, and when. */
  readonly #keyed = new Map<string, { result: string; atMs: number }>();
  /** The head's clock less the world's. */
  #clockOffsetMs = 0;
  #attempts: AttemptLog;
  #epoch = 0;
  #tickAtMs = Infinity;
  #crashesInNextStep = false;

  constructor(
    private readonly world: World,
    private readonly profile: Profile,
    private readonly ledger: CallLedger,
  ) {
    this.state = this.#createState();
    this.#attempts = new AttemptLog(this.state, IGNORE_ATTEMPTS);
  }

  accept(connection: Connection): void {
    this.#connections.add(connection);
  }

  joinWorker(
    worker: SimWorker,
    connection: Connection,
    joined: { workerId: string; capacity: Resources; held: HeldAttempt[] },
  ): void {
    // A drained worker that was given up meanwhile joins as a new one.
    if (!this.state.workers.has(joined.workerId)) this.#drained.delete(joined.workerId);
    this.#pressed.delete(joined.workerId);
    this.#workers.set(joined.workerId, { peer: worker, connection });
    this.take({ type: "WorkerJoined", ...joined });
  }

  /** A worker with a store of its own says what is in it, before it joins. */
  openStore(worker: SimWorker): void {
    const { workerId, isSpot } = worker;
    if (!this.stores.isOwn(workerId)) return;
    const objects = this.stores.list(this.stores.of(workerId));
    this.take({ type: "StoreOpened", holder: workerId, url: workerId, isSpot, objects });
  }

  /** Somebody asks for an object: the head and workers that were taken to have it, and do not, say so. */
  askHolders(objectId: string): void {
    for (const { workerId } of this.state.directory.objects.get(objectId)?.copies ?? []) {
      const store = workerId === undefined ? this.stores.head : this.stores.of(workerId);
      if (store.has(objectId)) continue;
      const event = { type: "ObjectsDropped", holder: workerId, objectIds: [objectId] } as const;
      this.world.after(1, () => this.take(event));
    }
  }

  joinClient(client: SimClient, connection: Connection): void {
    this.#clients.set(client.clientId, { peer: client, connection });
  }

  receiveFromWorker(workerId: string, connection: Connection, event: SchedulerEvent): void {
    if (this.#workers.get(workerId)?.connection !== connection) return;
    if (event.type === "MemoryPressureChanged") {
      if (event.isUnderPressure) this.#pressed.add(workerId);
      else this.#pressed.delete(workerId);
    }
    this.take(event);
  }

  receiveFromClient(event: SchedulerEvent): void {
    if (event.type === "ClientLeft") this.#departed.add(event.clientId);
    if (event.type === "ObjectsHeld" && this.#departed.has(event.clientId)) return;
    // What a client sent before it left cannot come after: one connection is first in, first out.
    if (event.type === "TasksSubmitted" && this.#departed.has(event.specs[0]?.clientId)) return;
    this.take(event);
  }

  drainWorker(workerId: string, graceMs: number): void {
    if (!this.isUp || !this.state.workers.has(workerId)) return;
    this.#drained.add(workerId);
    this.take({ type: "DrainRequested", workerId, graceMs });
  }

  noticeClosed(workerId: string | undefined, connection: Connection): void {
    this.#connections.delete(connection);
    if (workerId === undefined) return;
    if (this.#workers.get(workerId)?.connection !== connection) return;
    this.#workers.delete(workerId);
    this.take({ type: "WorkerDisconnected", workerId });
  }

  reportDeath(workerId: string, connection: Connection | undefined): void {
    const current = this.#workers.get(workerId)?.connection;
    if (current !== undefined && current !== connection) return;
    this.#workers.delete(workerId);
    this.take({ type: "WorkerDied", workerId, reason: "its process ended" });
  }

  /** The next step is stored, but nothing of it is sent: the head is gone by then. */
  crashInNextStep(): void {
    this.#crashesInNextStep = true;
  }

  /** Sets the head's clock so much off the world's. */
  setClock(offsetMs: number): void {
    this.#clockOffsetMs = offsetMs;
  }

  take(event: SchedulerEvent): void {
    if (!this.isUp) return;
    const commands = step(this.state, event, this.world.nowMs + this.#clockOffsetMs);
    this.#attempts.take(event, commands, this.world.nowMs);
    if (++this.steps % this.profile.checkEvery === 0) this.#check();
    for (const command of commands) this.#persist(command);
    if (this.#crashesInNextStep) return this.#crash();
    for (const command of commands) this.#perform(command, commands);
    this.#armTick();
  }

  #check(): void {
    checkInvariants(this.state);
    checkFollowed(this.state, this.#attempts);
  }

  #createState(): SchedulerState {
    return createScheduler({
      epoch: this.#epoch++,
      seed: this.world.seed,
      storyLength: STORY_LENGTH,
      reserveAfterMs: 500,
      maxLosses: 1_000,
      maxFamilySize: this.profile.maxFamilySize,
      failUnschedulable: this.profile.failUnschedulable,
      keyRetentionMs: KEY_RETENTION_MS,
    });
  }

  #persist(command: SchedulerCommand): void {
    if (command.type === "ForgetTask") {
      if (!this.store.delete(command.taskId)) throw new Error(`${command.taskId} was not stored`);
    } else if (command.type === "SaveTask") {
      // Its end, if it has one already, is said by the command that follows.
      this.store.set(command.task.spec.taskId, { ...command.task, outcome: undefined });
    } else if (command.type === "SaveEnd") {
      const { taskId } = command.task.spec;
      const known = this.store.get(taskId);
      if (known === undefined) throw new Error(`${taskId} ended before it was stored`);
      if (known.outcome !== undefined) throw new Error(`${taskId} was committed twice`);
      this.store.set(taskId, { ...command.task });
      this.#checkKey(command.task);
      const role = command.task.spec.actor;
      if (role?.type === "call") {
        this.ledger.committed(command.task, this.store.get(role.actorId)?.spec);
      }
    } else if (command.type === "SaveActor") {
      const creation = this.store.get(command.actorId);
      if (creation === undefined) throw new Error(`actor ${command.actorId} was not stored`);
      creation.life = command.life;
      this.ledger.stateSaved(command.actorId, command.life);
    }
  }

  /** What succeeded under one key succeeded once, as long as the key is kept. */
  #checkKey({ spec: { taskId, rules }, outcome }: TaskRecord): void {
    if (rules?.idempotency === undefined || outcome?.type !== "succeeded") return;
    const { key, fingerprint } = rules.idempotency;
    const result = JSON.stringify([fingerprint, outcome.result]);
    const known = this.#keyed.get(key);
    const { nowMs } = this.world;
    if (known === undefined || nowMs - known.atMs >= KEY_RETENTION_MS) {
      this.#keyed.set(key, { result, atMs: nowMs });
    } else if (known.result !== result) {
      throw new Error(`${taskId} succeeded with ${result}, its key ${key} with ${known.result}`);
    }
  }

  #perform(command: SchedulerCommand, ofStep: readonly SchedulerCommand[]): void {
    switch (command.type) {
      case "SaveTask":
      case "SaveEnd":
      case "ForgetTask":
      case "SaveActor":
      case "TellActor":
        return;
      case "SavePin":
        this.pins.add(command.object.objectId);
        return;
      case "ForgetPin":
        this.pins.delete(command.objectId);
        return;
      case "DeleteObject":
        return this.#deleteObject(command);
      case "SecureObject": {
        const { objectId, workerId } = command;
        if (!this.stores.of(workerId).has(objectId)) return;
        this.stores.head.add(objectId);
        const objects = [{ objectId, sizeBytes: sizeOf(objectId) }];
        this.world.after(1, () => this.take({ type: "ObjectsStored", holder: undefined, objects }));
        return;
      }
      case "StartAttempt":
      case "StartActor":
      case "StartCall":
        if (!isTakenBack(command.attemptId, ofStep)) this.#checkStart(command);
        return this.#sendToWorker(command);
      case "CancelAttempt":
      case "AcknowledgeAttempt":
      case "ReleaseWorker":
        return this.#sendToWorker(command);
      case "DropWorker":
        this.#workers.get(command.workerId)?.connection.close();
        this.#workers.delete(command.workerId);
        return;
      case "TellClient": {
        const attemptId = attemptOfClient(command.clientId);
        if (attemptId !== undefined) return this.#tellAttempt(attemptId, command.taskId);
        const client = this.#clients.get(command.clientId);
        const { taskId, outcome } = command;
        client?.connection.send("peer", () => client.peer.receive(taskId, outcome));
        return;
      }
      case "WarnClient":
        return;
      default:
        assertNever(command);
    }
  }

  #tellAttempt(attemptId: number, taskId: string): void {
    const worker = this.#workers.get(this.#attemptWorkers.get(attemptId) ?? "");
    worker?.connection.send("peer", () => worker.peer.receiveOutcome(attemptId, taskId));
  }

  /** Nothing is deleted that is pinned, that an unfinished task reads, or that is a result for one. */
  #deleteObject(
    { objectId, workerIds }: Extract<SchedulerCommand, { type: "DeleteObject" }>,
  ): void {
    if (this.pins.has(objectId)) throw new Error(`${objectId} was deleted though it is pinned`);
    for (const { spec, outcome } of this.store.values()) {
      if (outcome !== undefined) continue;
      const readsIt = spec.objects.some((object) => object.objectId === objectId) ||
        spec.dependencies.some((id) => {
          const read = this.store.get(id)?.outcome;
          return read?.type === "succeeded" && read.result.type === "stored" &&
            read.result.objectId === objectId;
        });
      if (readsIt) throw new Error(`${objectId} was deleted though ${spec.taskId} reads it`);
    }
    for (const workerId of workerIds) {
      if (workerId === undefined) this.stores.head.delete(objectId);
      else {
        const worker = this.#workers.get(workerId);
        worker?.connection.send("peer", () => worker.peer.deleteObject(objectId));
      }
    }
  }

  /** What is started must be stored, unfinished, get the committed results of its dependencies, go to a worker that is
   * connected, not drained, not short of memory and where it has to be, and have a number that no attempt ever had, before a restart neither. */
  #checkStart(
    { spec, inputs, workerId, attemptId }: Extract<
      SchedulerCommand,
      { type: "StartAttempt" | "StartActor" | "StartCall" }
    >,
  ): void {
    if (this.#attemptWorkers.has(attemptId)) {
      throw new Error(`the attempt number ${attemptId} came twice`);
    }
    this.#attemptWorkers.set(attemptId, workerId);
    if (!this.#workers.has(workerId)) throw new Error(`${workerId} got work without a connection`);
    if (this.#drained.has(workerId)) throw new Error(`${workerId} got work though it drains`);
    // An actor lives where it is: its calls need not wait for memory.
    const isCall = spec.actor?.type === "call";
    if (!isCall && this.#pressed.has(workerId)) {
      throw new Error(`${workerId} got work without memory`);
    }
    const { nodes, mode } = spec.rules?.affinity ?? {};
    if (mode === "require" && nodes?.includes(workerId) === false) {
      throw new Error(`${spec.taskId} went to ${workerId}, not to one of ${nodes}`);
    }
    const stored = this.store.get(spec.taskId);
    if (stored === undefined || stored.outcome !== undefined) {
      throw new Error(`${spec.taskId} was started though it is not stored, or ended`);
    }
    spec.dependencies.forEach((id, i) => {
      const outcome = this.store.get(id)?.outcome;
      if (outcome?.type !== "succeeded" || outcome.result !== inputs[i]) {
        throw new Error(`${spec.taskId} was started without the result of ${id}`);
      }
    });
  }

  #sendToWorker(
    command: Extract<
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
    >,
  ): void {
    const worker = this.#workers.get(command.workerId);
    worker?.connection.send("peer", () => worker.peer.receive(command));
  }

  #armTick(): void {
    const atMs = nextDeadlineMs(this.state);
    if (atMs >= this.#tickAtMs || atMs === Infinity) return;
    this.#tickAtMs = atMs;
    const { state } = this;
    const worldMs = atMs - this.#clockOffsetMs;
    const isDueThen = worldMs + this.#clockOffsetMs >= atMs;
    this.world.at(isDueThen ? worldMs : worldMs + ROUNDING_MS, () => {
      if (this.state !== state || this.#tickAtMs !== atMs) return;
      this.#tickAtMs = Infinity;
      this.take({ type: "Ticked" });
    });
  }

  #crash(): void {
    this.#crashesInNextStep = false;
    this.isUp = false;
    this.#tickAtMs = Infinity;
    this.#workers.clear();
    this.#clients.clear();
    for (const connection of this.#connections) connection.close();
    this.world.after(RESTART_MS, () => {
      this.isUp = true;
      this.state = this.#createState();
      const nowMs = this.world.nowMs + this.#clockOffsetMs;
      const pinned = [...this.pins].map((objectId) => ({ objectId, sizeBytes: sizeOf(objectId) }));
      restoreObjects(this.state, { stored: this.stores.list(this.stores.head), pinned }, nowMs);
      const commands = restoreTasks(this.state, [...this.store.values()], nowMs);
      for (const command of commands) {
        // One that waited for the outcome of its key begins by itself when whoever had that key is gone.
        if (command.type === "SaveEnd" && command.task.spec.rules?.idempotency === undefined) {
          throw new Error("a restored task ended without having run");
        }
        this.#persist(command);
        this.#perform(command, commands);
      }
      this.#attempts = new AttemptLog(this.state, IGNORE_ATTEMPTS);
      checkInvariants(this.state);
      this.#armTick();
    });
  }
}

/** Whether an attempt is cancelled in the step that made it: a task above its own began anew in it, and ended it. */
function isTakenBack(attemptId: number, ofStep: readonly SchedulerCommand[]): boolean {
  return ofStep.some((command) =>
    command.type === "CancelAttempt" && command.attemptId === attemptId
  );
}
