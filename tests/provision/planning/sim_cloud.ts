import { isAlive } from "../../../provision/planning/machines.ts";
import type { Action, Plan } from "../../../provision/planning/actions.ts";
import type { JournalEventBody } from "../../../provision/planning/events.ts";
import type { Failure } from "../../../provision/planning/failures.ts";
import type { Machine, Pool } from "../../../provision/planning/machine.ts";
import { type Absence, looksIn, trackAbsences } from "../../../provision/planning/sightings.ts";
import {
  applyEvent,
  type ClusterState,
  emptyState,
  type LaunchRecord,
} from "../../../provision/planning/state.ts";
import { type Observed, plan, type Wanted } from "../../../provision/plan.ts";
import { createRng, type Rng } from "../../../src/base/rng.ts";

/** How unkind the cloud is, as probabilities. */
export interface Faults {
  /** A pool has no machine. */
  readonly noCapacity: number;
  /** An answer is lost after the launch was carried out. */
  readonly lostAnswer: number;
  /** A request is refused as busy. */
  readonly busy: number;
  /** The operator's process dies between two actions. */
  readonly crash: number;
  /** A machine is taken back, each step; with a notice before or without. */
  readonly interruption: number;
  /** How long what was made is invisible, at most. */
  readonly invisibleMs: number;
}

export const KIND: Faults = {
  noCapacity: 0,
  lostAnswer: 0,
  busy: 0,
  crash: 0,
  interruption: 0,
  invisibleMs: 0,
};

const STEP_MS = 5_000;

/** From the notice that a machine is taken back until its worker has ended, and until it is taken. */
const NOTICE_MS = { drained: 10_000, taken: 120_000 } as const;

interface SimMachine {
  machine: Machine;
  readonly visibleAtMs: number;
  changesAtMs: number;
  /** When its end was announced. */
  noticedAtMs?: number;
}

/** A cloud, a head and an operator's process in one, driven step by step: carries out plans, breaks what `faults`
 * says, and counts what must never happen. Its journal is what a crash leaves. */
export class SimCloud {
  state: ClusterState = emptyState();
  nowMs = 1_000_000_000_000;
  faults: Faults = KIND;
  /** Whether what is not shown is not there. */
  showsAll = false;
  readonly machines = new Map<string, SimMachine>();
  readonly violations: string[] = [];
  lastPlan: Plan | undefined;
  readonly #rng: Rng;
  readonly #answers = new Map<string, { machines: Machine[]; failures: Failure[] }>();
  readonly #workers = new Map<string, { draining: boolean }>();
  readonly #clean = new Set<string>();
  #absences = new Map<string, Absence>();
  #serial = 0;

  constructor(seed: number, readonly pools: readonly Pool[]) {
    this.#rng = createRng(seed);
    this.#record({ type: "ClusterBegun", cluster: "c", generation: "g" });
  }

  /** Adds a machine that was there before.
   * @param changesAtMs when it starts to run, or has ended */
  place(machine: Partial<Machine>, changesAtMs = 0): void {
    const pool = this.pools[0];
    const machineId = `i-${++this.#serial}`;
    this.machines.set(machineId, {
      machine: {
        machineId,
        cluster: "c",
        launchId: "lost-1",
        region: pool.region,
        poolId: pool.poolId,
        market: pool.market,
        priceUsdPerHour: pool.priceUsdPerHour,
        state: "running",
        address: "10.0.0.9",
        launchedAtMs: this.nowMs,
        endReason: undefined,
        ...machine,
      },
      visibleAtMs: 0,
      changesAtMs,
    });
  }

  /** Machines that are not ended yet. */
  alive(cluster = "c"): Machine[] {
    return [...this.machines.values()].map(({ machine }) => machine).filter((machine) =>
      machine.cluster === cluster && machine.state !== "ended"
    );
  }

  /** One look, one plan, its actions; then time passes. */
  step(wanted: Wanted): void {
    const observed = this.#observe();
    const next = plan(wanted, observed, this.nowMs);
    this.lastPlan = next;
    for (const action of next.actions) {
      if (this.#happens("crash")) {
        this.#absences = new Map();
        break;
      }
      this.#carryOut(action, wanted);
    }
    this.#checkLimits(wanted);
    this.#passTime();
  }

  /** The state with everything that was written, after the loss of the journal: nothing. */
  loseJournal(): void {
    this.state = emptyState();
    this.#absences = new Map();
    this.#workers.clear();
    this.#record({ type: "ClusterBegun", cluster: "c", generation: `g${++this.#serial}` });
  }

  #happens(fault: Exclude<keyof Faults, "invisibleMs">): boolean {
    return this.#rng.next() < this.faults[fault];
  }

  #record(body: JournalEventBody): void {
    applyEvent(this.state, { ...body, atMs: this.nowMs });
  }

  #observe(): Observed {
    const regions = new Set(this.pools.map(({ region }) => region));
    const shown = [...this.machines.values()].filter(({ visibleAtMs }) => visibleAtMs <= this.nowMs)
      .map(({ machine }) => machine);
    const reads = [...regions].map((region) => ({
      region,
      atMs: this.nowMs,
      machines: shown.filter((machine) => machine.region === region),
      isWhole: this.showsAll,
    }));
    const looks = looksIn(this.state, reads, this.#workers);
    this.#absences = trackAbsences(this.#absences, looks, this.nowMs);
    return {
      state: this.state,
      pools: this.pools,
      reads,
      absences: this.#absences,
      workers: this.#workers,
      busyNodes: new Set(),
      cleanRegions: this.#clean,
    };
  }

  #carryOut(action: Action, wanted: Wanted): void {
    switch (action.type) {
      case "IntendLaunch": {
        const { launchId, region, market, pools, count, holdsHead } = action;
        if (!this.state.regions.has(region)) this.#record({ type: "RegionUsed", region });
        this.#clean.delete(region);
        if (this.state.stopped !== undefined) this.violations.push("launches after a stop");
        this.#record({
          type: "LaunchIntended",
          launchId,
          token: launchId,
          region,
          market,
          pools,
          count,
          holdsHead,
        });
        return;
      }
      case "CallLaunch":
        return this.#launch(action.launchId);
      case "AbandonLaunch":
        return this.#record({ ...action, type: "LaunchAbandoned" });
      case "TakeMachine":
        if (action.machine.cluster !== wanted.cluster) this.violations.push("takes a stranger");
        return this.#record({ ...action, type: "MachineFound" });
      case "NoteAddress":
        return this.#record({ ...action, type: "AddressKnown" });
      case "MoveNode":
        return this.#record({ ...action, type: "NodeMoved" });
      case "BringUp":
        this.#record({ ...action, type: "NodeMoved", phase: "bootstrapping", reason: "begun" });
        this.#workers.set(action.nodeId, { draining: false });
        return;
      case "DrainNode":
        this.#record({ ...action, type: "DrainCalled" });
        this.#workers.delete(action.nodeId);
        return;
      case "TerminateNodes":
        this.#record({ ...action, type: "TerminateCalled" });
        for (const nodeId of action.nodeIds) this.#end(this.state.nodes.get(nodeId)?.machineId);
        return;
      case "CleanRegion":
        if (this.alive().some(({ region }) => region === action.region)) {
          this.violations.push("cleans a region with machines");
        }
        this.#clean.add(action.region);
        return;
      case "EndHeadNode":
        if (this.alive().length > 1) this.violations.push("ends the head before other machines");
        this.#end(this.state.nodes.get(action.nodeId)?.machineId);
        return this.#record({ type: "ClusterEnded" });
      case "EndCluster":
        if (this.alive().length > 0) this.violations.push("ends a cluster with machines");
        return this.#record({ type: "ClusterEnded" });
    }
  }

  #launch(launchId: string): void {
    this.#record({ type: "LaunchCalled", launchId });
    const launch = this.state.launches.get(launchId) as LaunchRecord;
    const busy: Failure = { kind: "busy", code: "Busy", message: "later", poolId: undefined };
    const fail = () => this.#record({ type: "LaunchFailed", launchId, failure: busy, jitter: 0.5 });
    if (this.#happens("busy")) return fail();
    let answer = this.#answers.get(launch.token);
    if (answer === undefined) this.#answers.set(launch.token, answer = this.#fulfil(launch));
    if (this.#happens("lostAnswer")) return;
    this.#record({ type: "LaunchAnswered", launchId, ...answer });
  }

  #fulfil(launch: LaunchRecord): { machines: Machine[]; failures: Failure[] } {
    const machines: Machine[] = [];
    const failures: Failure[] = [];
    const open = launch.pools.filter(({ poolId }) => {
      if (!this.#happens("noCapacity")) return true;
      failures.push({ kind: "no_capacity", code: "NoCapacity", message: "none here", poolId });
      return false;
    });
    for (let k = 0; k < launch.count && open.length > 0; k++) {
      const pool = open[this.#rng.below(open.length)];
      const machineId = `i-${++this.#serial}`;
      const machine: Machine = {
        machineId,
        cluster: "c",
        launchId: launch.launchId,
        region: launch.region,
        poolId: pool.poolId,
        market: pool.market,
        priceUsdPerHour: pool.priceUsdPerHour,
        state: "pending",
        address: undefined,
        launchedAtMs: this.nowMs,
        endReason: undefined,
      };
      const invisible = this.#rng.next() * this.faults.invisibleMs;
      this.machines.set(machineId, {
        machine,
        visibleAtMs: this.nowMs + invisible,
        changesAtMs: this.nowMs + 20_000,
      });
      machines.push(machine);
    }
    return { machines, failures };
  }

  #end(machineId: string | undefined, reason?: string): void {
    const found = machineId === undefined ? undefined : this.machines.get(machineId);
    if (found === undefined) return;
    if (isAlive(found.machine)) {
      found.machine = { ...found.machine, state: "ending", endReason: reason };
      found.changesAtMs = this.nowMs + 15_000;
    }
    const nodeId = this.#nodeWith(machineId);
    if (nodeId !== undefined) this.#workers.delete(nodeId);
  }

  #nodeWith(machineId: string | undefined): string | undefined {
    return [...this.state.nodes.values()].find((node) => node.machineId === machineId)?.nodeId;
  }

  /** Takes a machine back: at once, or with a notice, at which its worker drains. */
  #takeBack(entry: SimMachine): void {
    const nodeId = this.#nodeWith(entry.machine.machineId);
    const worker = nodeId === undefined ? undefined : this.#workers.get(nodeId);
    if (worker === undefined || this.#rng.next() < 0.5) {
      return this.#end(entry.machine.machineId, "taken back");
    }
    worker.draining = true;
    entry.noticedAtMs = this.nowMs;
  }

  /** What follows a notice. */
  #goOnTakingBack({ machine: { machineId }, noticedAtMs }: SimMachine): void {
    if (noticedAtMs === undefined) return;
    const nodeId = this.#nodeWith(machineId);
    if (this.nowMs - noticedAtMs >= NOTICE_MS.taken) this.#end(machineId, "taken back");
    else if (this.nowMs - noticedAtMs >= NOTICE_MS.drained && nodeId !== undefined) {
      this.#workers.delete(nodeId);
    }
  }

  #checkLimits(wanted: Wanted): void {
    // What lost its place through an abandoned launch may be alive without being known: see `place`.
    const alive = this.alive();
    const counted = alive.filter(({ machineId, endReason }) =>
      endReason !== "taken back" && this.machines.get(machineId)?.noticedAtMs === undefined
    );
    if (counted.length > wanted.maxNodes) this.violations.push(`${counted.length} machines`);
    const usd = alive.reduce((sum, { priceUsdPerHour }) => sum + priceUsdPerHour, 0);
    if (usd > wanted.maxUsdPerHour + 1e-9) this.violations.push(`${usd} $/h`);
  }

  #passTime(): void {
    this.nowMs += STEP_MS;
    for (const entry of this.machines.values()) {
      const { state } = entry.machine;
      if (entry.changesAtMs <= this.nowMs) {
        if (state === "pending") {
          entry.machine = { ...entry.machine, state: "running", address: "10.0.0.1" };
        } else if (state === "ending") entry.machine = { ...entry.machine, state: "ended" };
      }
      this.#goOnTakingBack(entry);
      const canBeTaken = entry.machine.cluster === "c" && isAlive(entry.machine) &&
        entry.noticedAtMs === undefined;
      if (canBeTaken && this.#happens("interruption")) this.#takeBack(entry);
    }
  }
}
