import { delay } from "@std/async/delay";
import type { Clock } from "../src/base/clock.ts";
import { assertNever, errorMessage, UserError } from "../src/base/errors.ts";
import { sha256Hex } from "../src/base/hash.ts";
import type { Rng } from "../src/base/rng.ts";
import type { Journal } from "./journal/journal.ts";
import { type Observed, plan, type Wanted } from "./plan.ts";
import type { Action, Plan } from "./planning/actions.ts";
import type { Failure } from "./planning/failures.ts";
import type { Pool, RegionRead } from "./planning/machine.ts";
import { type Absence, looksIn, trackAbsences } from "./planning/sightings.ts";
import type { LaunchRecord, NodeRecord } from "./planning/state.ts";
import { type Provider, ProviderFailure } from "./providers/provider.ts";

/** What turns running machines into workers, and workers off. */
export interface NodeCrew {
  /** Brings a machine up until its worker was started; the head tells when it is registered.
   * @param onShell called when the machine's shell answers
   * @param note takes what people should know */
  bringUp(
    node: Readonly<NodeRecord>,
    hooks: {
      readonly onShell: () => void;
      readonly note: (message: string) => void;
      readonly signal: AbortSignal;
    },
  ): Promise<void>;
  /** Asks a node's worker to finish what it has, to take nothing more, and to end. */
  drain(node: Readonly<NodeRecord>): Promise<void>;
  /** Keeps the way to the head open for nodes that are up, also when another process brought them up. */
  hold(nodes: readonly Readonly<NodeRecord>[]): void;
  /** Lets go of a node that ends. */
  release(nodeId: string): void;
  /** Workers that are registered at the head; undefined when it cannot be asked. */
  workers(): Promise<ReadonlyMap<string, { readonly draining: boolean }> | undefined>;
}

/** What a reconciler works with. */
export interface ReconcilerOptions {
  readonly journal: Journal;
  readonly provider: Provider;
  readonly crew: NodeCrew;
  /** Asked at every turn: it may change. */
  readonly wanted: () => Wanted;
  readonly clock: Clock;
  readonly rng: Rng;
}

const CALL_TIMEOUT_MS = 60_000;
const POOLS_FRESH_MS = 300_000;
const CONSOLE_LINES = 5;
const BRING_UP_AGAIN_MS = 5_000;
const PAUSE_MS = { acting: 500, changing: 3_000, steady: 15_000 } as const;

/** Carries out plans: reads, plans, writes each intent into the journal, then acts, and lets the outcome be the next
 * turn's input. It may die anywhere: the next one, with the same journal or with none, goes on. */
export class Reconciler implements AsyncDisposable {
  readonly #options: ReconcilerOptions;
  readonly #ending = new AbortController();
  readonly #bringUps = new Map<
    string,
    { readonly work: Promise<void>; readonly abort: AbortController }
  >();
  readonly #cleanRegions = new Set<string>();
  readonly #noted = new Map<string, string>();
  #absences: ReadonlyMap<string, Absence> = new Map();
  #woken = Promise.withResolvers<void>();
  #pools: { readonly atMs: number; readonly pools: readonly Pool[] } | undefined;

  /** Takes an open journal; writes its first line when there is none. */
  constructor(options: ReconcilerOptions, generation: string) {
    this.#options = options;
    const { journal, wanted } = options;
    if (journal.state.generation === "") {
      journal.append({ type: "ClusterBegun", cluster: wanted().cluster, generation });
    }
  }

  /** Turns until what is wanted is there, or the signal ends it.
   * @param onTurn called after each turn; true ends it */
  async run(signal: AbortSignal, onTurn: (plan: Plan) => boolean): Promise<void> {
    while (!signal.aborted) {
      const turn = await this.turn();
      if (onTurn(turn)) return;
      const pause = turn.actions.length > 0 ? "acting" : turn.isReached ? "steady" : "changing";
      await this.#sleep(PAUSE_MS[pause], signal);
    }
  }

  /** Lets `run` take its next turn now: something changed that it would see only later. */
  wake(): void {
    this.#woken.resolve();
  }

  /** One look, one plan, its actions. What a provider refuses is noted or has its consequence, and is not thrown.
   * @throws when the journal cannot be written: nothing is done that is not in it */
  async turn(): Promise<Plan> {
    const wanted = this.#options.wanted();
    this.#hold();
    const observed = await this.#observe(wanted);
    const next = plan(wanted, observed, this.#options.clock.nowMs());
    // Each of these waits for one region or host, which is no matter of the others.
    const isSlow = ({ type }: Action) => type === "CallLaunch" || type === "CleanRegion";
    for (const action of next.actions) {
      if (!isSlow(action)) await this.#carryOut(action, wanted);
    }
    await Promise.all(next.actions.filter(isSlow).map((action) => this.#carryOut(action, wanted)));
    for (const { type, message } of next.notes) this.#note(undefined, message, type);
    return next;
  }

  /** Writes into the journal what people should know about a node, once as long as it stays the same. */
  note(nodeId: string, message: string): void {
    this.#note(nodeId, message, `node ${nodeId}`);
  }

  /** Ends what is under way, and waits for it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort(new Error("the keeper ends"));
    await Promise.allSettled([...this.#bringUps.values()].map(({ work }) => work));
  }

  #hold(): void {
    const nodes = [...this.#options.journal.state.nodes.values()];
    this.#options.crew.hold(
      nodes.filter(({ phase, address }) =>
        address !== undefined && (phase === "ready" || phase === "draining")
      ),
    );
  }

  async #observe(wanted: Wanted): Promise<Observed> {
    const { journal, provider, crew, clock } = this.#options;
    const regions = [...new Set([...provider.regions, ...journal.state.regions])];
    const [workers, pools, ...reads] = await Promise.all([
      crew.workers().catch(() => undefined),
      wanted.end ? [] : this.#freshPools(),
      ...regions.map((region) => this.#read(region)),
    ]);
    const seen = reads.filter((read) => read !== undefined);
    const looks = looksIn(journal.state, seen, workers);
    this.#absences = trackAbsences(this.#absences, looks, clock.nowMs());
    return {
      state: journal.state,
      pools,
      reads: seen,
      absences: this.#absences,
      workers,
      busyNodes: new Set(this.#bringUps.keys()),
      cleanRegions: this.#cleanRegions,
    };
  }

  async #read(region: string): Promise<RegionRead | undefined> {
    const { provider, clock } = this.#options;
    try {
      const machines = await provider.list(region, this.#callSignal());
      this.#noted.delete(`read ${region}`);
      return { region, atMs: clock.nowMs(), machines, isWhole: provider.showsAll };
    } catch (error) {
      this.#note(undefined, `Cannot list ${region}: ${errorMessage(error)}`, `read ${region}`);
      return undefined;
    }
  }

  /** Old prices are better than none. */
  async #freshPools(): Promise<readonly Pool[]> {
    const nowMs = this.#options.clock.nowMs();
    if (this.#pools !== undefined && nowMs - this.#pools.atMs < POOLS_FRESH_MS) {
      return this.#pools.pools;
    }
    try {
      this.#pools = { atMs: nowMs, pools: await this.#options.provider.pools(this.#callSignal()) };
    } catch (error) {
      this.#note(undefined, `Cannot read prices: ${errorMessage(error)}`, "pools");
    }
    return this.#pools?.pools ?? [];
  }

  async #carryOut(action: Action, wanted: Wanted): Promise<void> {
    const { journal } = this.#options;
    switch (action.type) {
      case "IntendLaunch": {
        const { launchId, region } = action;
        if (!journal.state.regions.has(region)) journal.append({ type: "RegionUsed", region });
        this.#cleanRegions.delete(region);
        const token = sha256Hex(`${journal.state.generation} ${launchId}`);
        return journal.append({ ...action, type: "LaunchIntended", token });
      }
      case "CallLaunch":
        return await this.#launch(action.launchId, wanted);
      case "AbandonLaunch":
        return journal.append({ ...action, type: "LaunchAbandoned" });
      case "TakeMachine":
        return journal.append({ ...action, type: "MachineFound" });
      case "NoteAddress":
        return journal.append({ ...action, type: "AddressKnown" });
      case "MoveNode":
        if (action.phase === "gone" || action.phase === "terminating") {
          await this.#letGo(action.nodeId);
        }
        return journal.append({ ...action, type: "NodeMoved" });
      case "BringUp":
        return this.#bringUp(action.nodeId);
      case "DrainNode":
        journal.append({ ...action, type: "DrainCalled" });
        return await this.#drain(action.nodeId);
      case "TerminateNodes":
        return await this.#terminate(action.nodeIds, action.reason);
      case "CleanRegion":
        return await this.#clean(action.region);
      case "EndHeadNode":
        return await this.#endHeadNode(action.nodeId);
      case "EndCluster":
        return journal.append({ type: "ClusterEnded" });
      default:
        return assertNever(action);
    }
  }

  async #launch(launchId: string, { ttlMs }: Wanted): Promise<void> {
    const { journal, provider, rng } = this.#options;
    const launch = journal.state.launches.get(launchId) as LaunchRecord;
    journal.append({ type: "LaunchCalled", launchId });
    try {
      const { machines, failures } = await provider.launch({
        ...launch,
        // Another image is another request.
        token: launch.imageResolvedAgain ? sha256Hex(`${launch.token} again`) : launch.token,
        // The same at every call, as all else that the token stands for.
        expiresAtMs: launch.intendedAtMs + ttlMs,
        resolveImageAgain: launch.imageResolvedAgain,
      }, this.#callSignal());
      journal.append({ type: "LaunchAnswered", launchId, machines, failures });
    } catch (error) {
      const failure = failureOf(error);
      journal.append({ type: "LaunchFailed", launchId, failure, jitter: rng.next() });
    }
  }

  #bringUp(nodeId: string): void {
    const { journal, crew } = this.#options;
    const node = journal.state.nodes.get(nodeId) as NodeRecord;
    const onShell = () => {
      if (node.phase !== "ssh") return;
      journal.append({
        type: "NodeMoved",
        nodeId,
        phase: "bootstrapping",
        reason: "its shell answers",
      });
    };
    const abort = new AbortController();
    const signal = AbortSignal.any([this.#ending.signal, abort.signal]);
    const note = (message: string) => this.note(nodeId, message);
    const work = crew.bringUp({ ...node }, { onShell, note, signal }).catch(async (error) => {
      if (signal.aborted) return;
      note(errorMessage(error));
      await delay(BRING_UP_AGAIN_MS, { signal }).catch(() => {});
    }).finally(() => this.#bringUps.delete(nodeId));
    this.#bringUps.set(nodeId, { work, abort });
  }

  /** Ends what is done to a node, and waits for that: nothing must be started on a machine after it was ended. */
  async #letGo(nodeId: string): Promise<void> {
    const bringUp = this.#bringUps.get(nodeId);
    bringUp?.abort.abort(new Error("the node is let go"));
    this.#options.crew.release(nodeId);
    await bringUp?.work;
  }

  async #drain(nodeId: string): Promise<void> {
    const { journal, crew } = this.#options;
    try {
      await crew.drain({ ...journal.state.nodes.get(nodeId) as NodeRecord });
    } catch (error) {
      this.#note(nodeId, `Cannot drain: ${errorMessage(error)}`, `drain ${nodeId}`);
    }
  }

  async #terminate(nodeIds: readonly string[], reason: string): Promise<void> {
    const { journal, provider } = this.#options;
    await Promise.all(nodeIds.map((nodeId) => this.#noteConsole(nodeId)));
    journal.append({ type: "TerminateCalled", nodeIds, reason });
    const byRegion = new Map<string, string[]>();
    await Promise.all(nodeIds.map((nodeId) => this.#letGo(nodeId)));
    for (const nodeId of nodeIds) {
      const { region, machineId } = journal.state.nodes.get(nodeId) as NodeRecord;
      if (machineId === undefined) continue;
      byRegion.set(region, [...(byRegion.get(region) ?? []), machineId]);
    }
    await Promise.all([...byRegion].map(async ([region, machineIds]) => {
      try {
        await provider.terminate(region, machineIds, this.#callSignal());
      } catch (error) {
        const ids = machineIds.join(", ");
        this.#note(undefined, `Cannot end ${ids}: ${errorMessage(error)}`, `terminate ${region}`);
      }
    }));
  }

  /** Of a machine that never answered, what it wrote to its console is all that there is, and goes with it. */
  async #noteConsole(nodeId: string): Promise<void> {
    const { journal, provider } = this.#options;
    const { phase, region, machineId } = journal.state.nodes.get(nodeId) as NodeRecord;
    if (machineId === undefined || (phase !== "ssh" && phase !== "booting")) return;
    const text = await provider.consoleOutput(region, machineId, this.#callSignal())
      .catch(() => undefined);
    const lines = text?.trim().split("\n").slice(-CONSOLE_LINES).join(" · ");
    if (lines) this.#note(nodeId, `its console ends with: ${lines}`, `console ${nodeId}`);
  }

  async #clean(region: string): Promise<void> {
    try {
      if (await this.#options.provider.cleanRegion(region, this.#callSignal())) {
        this.#cleanRegions.add(region);
      }
    } catch (error) {
      this.#note(undefined, `Cannot clean ${region}: ${errorMessage(error)}`, `clean ${region}`);
    }
  }

  /** What is left of the cluster goes with the machine on which this runs. */
  async #endHeadNode(nodeId: string): Promise<void> {
    const { journal, provider } = this.#options;
    const { region, machineId, phase } = journal.state.nodes.get(nodeId) as NodeRecord;
    if (phase !== "terminating") {
      const reason = "the head's node ends last";
      journal.append({ type: "TerminateCalled", nodeIds: [nodeId], reason });
      await this.#letGo(nodeId);
    }
    try {
      if (await provider.endHere(region, machineId as string, this.#callSignal())) {
        journal.append({ type: "ClusterEnded" });
      }
    } catch (error) {
      this.#note(nodeId, `Cannot end it: ${errorMessage(error)}`, `end ${nodeId}`);
    }
  }

  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    const enough = new AbortController();
    const paused = delay(ms, { signal: AbortSignal.any([signal, enough.signal]) }).catch(() => {});
    await Promise.race([paused, this.#woken.promise]);
    enough.abort();
    this.#woken = Promise.withResolvers();
  }

  #callSignal(): AbortSignal {
    return AbortSignal.any([this.#ending.signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]);
  }

  /** Writes what people should know, once as long as it stays the same.
   * @param about of one matter the newest message counts */
  #note(nodeId: string | undefined, message: string, about: string): void {
    if (this.#noted.get(about) === message) return;
    this.#noted.set(about, message);
    this.#options.journal.append({ type: "Noted", nodeId, message });
  }
}

/** What the user has to mend is not asked again; any other error says nothing about what was done, and is. */
function failureOf(error: unknown): Failure {
  if (error instanceof ProviderFailure) return error.failure;
  const message = errorMessage(error);
  return error instanceof UserError
    ? { kind: "refused", code: "Configuration", message, poolId: undefined }
    : { kind: "busy", code: "NoAnswer", message, poolId: undefined };
}
