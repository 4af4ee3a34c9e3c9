import { assertNever } from "../../src/base/errors.ts";
import type { JournalEvent } from "./events.ts";
import { type Consequence, consequenceOf, type Failure } from "./failures.ts";
import type { Machine, Market, Pool } from "./machine.ts";

/** Where a node is between the wish for it and its end.
 *
 * `intended` (in the journal) → `launching` (the call was made) → `booting` (a machine has it) → `ssh` (runs, its
 * shell is waited for) → `bootstrapping` → `ready` (its worker is registered at the head) → `draining` →
 * `terminating` → `gone`. */
export type NodePhase =
  | "intended"
  | "launching"
  | "booting"
  | "ssh"
  | "bootstrapping"
  | "ready"
  | "draining"
  | "terminating"
  | "gone";

/** One node: a place in a launch, and the machine that has it. */
export interface NodeRecord {
  readonly nodeId: string;
  readonly launchId: string;
  readonly region: string;
  readonly market: Market;
  phase: NodePhase;
  /** When it came into its phase. */
  sinceMs: number;
  /** Why it is in its phase, for people. */
  reason: string;
  machineId: string | undefined;
  poolId: string | undefined;
  address: string | undefined;
  /** Of its machine; before that is known, of the dearest pool of its launch. */
  priceUsdPerHour: number;
  /** Since when its machine is billed; undefined before. */
  launchedAtMs: number | undefined;
  /** When its end was last called for; undefined: never. */
  terminateCalledAtMs: number | undefined;
  /** Whether its end was announced by others, the provider or a drain: another one may have its place at once. */
  isTakenBack: boolean;
}

/** A launch: one request with one token, answered once. */
export interface LaunchRecord {
  readonly launchId: string;
  readonly token: string;
  readonly region: string;
  readonly market: Market;
  readonly pools: readonly Pool[];
  readonly count: number;
  /** Whether the head shall run on its machine. */
  readonly holdsHead: boolean;
  readonly intendedAtMs: number;
  /** `open` until it is answered or abandoned. */
  phase: "open" | "closed";
  calls: number;
  firstCallAtMs: number | undefined;
  lastCallAtMs: number | undefined;
  /** It is not called before then. */
  nextCallAtMs: number;
  /** Whether the image was resolved again for it. */
  imageResolvedAgain: boolean;
}

/** Something that is left out for a time. */
export interface Closure {
  readonly untilMs: number;
  readonly reason: string;
  /** How often it was left out. */
  readonly times: number;
}

/** What the journal of a cluster says. */
export interface ClusterState {
  cluster: string;
  generation: string;
  readonly launches: Map<string, LaunchRecord>;
  readonly nodes: Map<string, NodeRecord>;
  /** Every region in which something was ever made. */
  readonly regions: Set<string>;
  /** Pools that are left out, by id. */
  readonly coolPools: Map<string, Closure>;
  /** Markets that are left out, by `region/market`. */
  readonly closedMarkets: Map<string, Closure>;
  /** Why nothing more is launched until a person has looked. */
  stopped: Failure | undefined;
  /** How often a person let launches go on. */
  timesResumed: number;
  /** Whether the last sweep of a `down` found nothing. */
  ended: boolean;
}

/** The state before the first line of a journal. */
export function emptyState(): ClusterState {
  return {
    cluster: "",
    generation: "",
    launches: new Map(),
    nodes: new Map(),
    regions: new Set(),
    coolPools: new Map(),
    closedMarkets: new Map(),
    stopped: undefined,
    timesResumed: 0,
    ended: false,
  };
}

/** The id of the k-th node of a launch. */
function nodeIdOf(launchId: string, ordinal: number): string {
  return `${launchId}-${ordinal}`;
}

/** The key of a market in {@linkcode ClusterState.closedMarkets}. */
export function marketKey(region: string, market: Market): string {
  return `${region}/${market}`;
}

/** Changes the state by one event. The same events give the same state, whoever folds them. */
export function applyEvent(state: ClusterState, event: JournalEvent): void {
  switch (event.type) {
    case "ClusterBegun":
      state.cluster = event.cluster;
      state.generation = event.generation;
      return;
    case "RegionUsed":
      state.regions.add(event.region);
      state.ended = false;
      return;
    case "LaunchIntended":
      return intendLaunch(state, event);
    case "LaunchCalled":
      return callLaunch(state, event);
    case "LaunchAnswered":
      return answerLaunch(state, event);
    case "LaunchFailed":
      return failLaunch(state, event);
    case "LaunchAbandoned":
      return closeLaunch(state, event.launchId, event.reason, event.atMs);
    case "MachineFound":
      return findMachine(state, event);
    case "AddressKnown":
      nodeOf(state, event.nodeId).address = event.address;
      return;
    case "NodeMoved":
      if (event.phase !== "gone") state.ended = false;
      return seeNode(nodeOf(state, event.nodeId), event);
    case "DrainCalled":
      return moveNode(nodeOf(state, event.nodeId), "draining", event.reason, event.atMs);
    case "TerminateCalled":
      for (const nodeId of event.nodeIds) {
        const node = nodeOf(state, nodeId);
        node.terminateCalledAtMs = event.atMs;
        if (node.phase !== "terminating") moveNode(node, "terminating", event.reason, event.atMs);
      }
      return;
    case "Resumed":
      state.timesResumed = event.times;
      state.stopped = undefined;
      state.coolPools.clear();
      state.closedMarkets.clear();
      return;
    case "ClusterEnded":
      state.ended = true;
      return;
    case "Noted":
      return;
    default:
      return assertNever(event);
  }
}

type EventOf<T extends JournalEvent["type"]> = Extract<JournalEvent, { type: T }>;

function intendLaunch(state: ClusterState, event: EventOf<"LaunchIntended">): void {
  const { launchId, token, region, market, pools, count, holdsHead, atMs } = event;
  state.ended = false;
  state.launches.set(launchId, {
    launchId,
    token,
    region,
    market,
    pools,
    count,
    holdsHead,
    intendedAtMs: atMs,
    phase: "open",
    calls: 0,
    firstCallAtMs: undefined,
    lastCallAtMs: undefined,
    nextCallAtMs: atMs,
    imageResolvedAgain: false,
  });
  for (let ordinal = 0; ordinal < count; ordinal++) {
    const nodeId = nodeIdOf(launchId, ordinal);
    state.nodes.set(nodeId, {
      nodeId,
      launchId,
      region,
      market,
      phase: "intended",
      sinceMs: atMs,
      reason: "wanted",
      machineId: undefined,
      poolId: undefined,
      address: undefined,
      priceUsdPerHour: Math.max(...pools.map(({ priceUsdPerHour }) => priceUsdPerHour)),
      launchedAtMs: undefined,
      terminateCalledAtMs: undefined,
      isTakenBack: false,
    });
  }
}

function callLaunch(state: ClusterState, { launchId, atMs }: EventOf<"LaunchCalled">): void {
  const launch = launchOf(state, launchId);
  launch.calls++;
  launch.firstCallAtMs ??= atMs;
  launch.lastCallAtMs = atMs;
  for (const node of nodesOf(state, launchId)) {
    if (node.phase === "intended") moveNode(node, "launching", "was asked for", atMs);
  }
}

function answerLaunch(state: ClusterState, event: EventOf<"LaunchAnswered">): void {
  const { launchId, machines, failures, atMs } = event;
  const known = new Set(nodesOf(state, launchId).map(({ machineId }) => machineId));
  const fresh = machines.filter(({ machineId }) => !known.has(machineId));
  const free = nodesOf(state, launchId).filter((node) => isWithoutMachine(node));
  for (const [k, node] of free.slice(0, fresh.length).entries()) bind(node, fresh[k], atMs);
  for (const failure of failures) suffer(state, launchOf(state, launchId), failure, atMs, 0);
  const why = failures.length === 0
    ? "the provider gave fewer machines"
    : [...new Set(failures.map(({ code }) => code))].join(", ");
  closeLaunch(state, launchId, why, atMs);
}

function failLaunch(state: ClusterState, event: EventOf<"LaunchFailed">): void {
  const { launchId, failure, jitter, atMs } = event;
  const launch = launchOf(state, launchId);
  const consequence = suffer(state, launch, failure, atMs, jitter);
  if (consequence.type === "AskAgain") return;
  if (consequence.type === "ResolveImage") return;
  closeLaunch(state, launchId, `${failure.code}: ${failure.message}`, atMs);
}

/** Lets a failure of a launch have its consequence for what comes after. */
function suffer(
  state: ClusterState,
  launch: LaunchRecord,
  failure: Failure,
  nowMs: number,
  jitter: number,
): Consequence {
  const cooled = failure.poolId === undefined ? undefined : state.coolPools.get(failure.poolId);
  const consequence = consequenceOf(failure, {
    nowMs,
    calls: launch.calls,
    firstCallAtMs: launch.firstCallAtMs ?? nowMs,
    timesCooled: cooled?.times ?? 0,
    imageResolvedAgain: launch.imageResolvedAgain,
    jitter,
  });
  const reason = `${failure.code}: ${failure.message}`;
  switch (consequence.type) {
    case "CoolPool": {
      const { poolId, untilMs } = consequence;
      state.coolPools.set(poolId, { untilMs, reason, times: (cooled?.times ?? 0) + 1 });
      break;
    }
    case "CloseMarket": {
      const key = marketKey(launch.region, launch.market);
      const times = (state.closedMarkets.get(key)?.times ?? 0) + 1;
      state.closedMarkets.set(key, { untilMs: consequence.untilMs, reason, times });
      break;
    }
    case "AskAgain":
      launch.nextCallAtMs = consequence.atMs;
      break;
    case "ResolveImage":
      launch.imageResolvedAgain = true;
      break;
    case "Stop":
      state.stopped = failure;
      break;
    default:
      assertNever(consequence);
  }
  return consequence;
}

function closeLaunch(state: ClusterState, launchId: string, why: string, atMs: number): void {
  launchOf(state, launchId).phase = "closed";
  for (const node of nodesOf(state, launchId)) {
    if (isWithoutMachine(node)) moveNode(node, "gone", why, atMs);
  }
}

function findMachine(state: ClusterState, event: EventOf<"MachineFound">): void {
  const { nodeId, machine, atMs } = event;
  const known = state.nodes.get(nodeId);
  if (known !== undefined) return bind(known, machine, atMs);
  const node: NodeRecord = {
    nodeId,
    launchId: machine.launchId,
    region: machine.region,
    market: machine.market,
    phase: "booting",
    sinceMs: atMs,
    reason: "found by its tag",
    machineId: undefined,
    poolId: undefined,
    address: undefined,
    priceUsdPerHour: 0,
    launchedAtMs: undefined,
    terminateCalledAtMs: undefined,
    isTakenBack: false,
  };
  bind(node, machine, atMs);
  state.nodes.set(nodeId, node);
  state.regions.add(machine.region);
  state.ended = false;
}

function bind(node: NodeRecord, machine: Machine, atMs: number): void {
  node.machineId = machine.machineId;
  node.poolId = machine.poolId;
  node.address = machine.address;
  node.priceUsdPerHour = machine.priceUsdPerHour;
  node.launchedAtMs = machine.launchedAtMs;
  moveNode(node, "booting", `machine ${machine.machineId}`, atMs);
}

function seeNode(node: NodeRecord, { phase, reason, atMs }: EventOf<"NodeMoved">): void {
  const isOver = node.phase === "gone" || isLeaving(node.phase);
  if (!isOver && isLeaving(phase)) node.isTakenBack = true;
  moveNode(node, phase, reason, atMs);
}

function isLeaving(phase: NodePhase): boolean {
  return phase === "draining" || phase === "terminating";
}

function moveNode(node: NodeRecord, phase: NodePhase, reason: string, atMs: number): void {
  if (node.phase !== phase) node.sinceMs = atMs;
  node.phase = phase;
  node.reason = reason;
}

/** Whether a node waits for the answer to its launch. */
export function isWithoutMachine({ phase }: NodeRecord): boolean {
  return phase === "intended" || phase === "launching";
}

/** The nodes of a launch, in their order. */
export function nodesOf(state: ClusterState, launchId: string): NodeRecord[] {
  return [...state.nodes.values()].filter((node) => node.launchId === launchId);
}

function nodeOf(state: ClusterState, nodeId: string): NodeRecord {
  const node = state.nodes.get(nodeId);
  if (node === undefined) throw new Error(`Cannot find node ${nodeId} in the journal's state`);
  return node;
}

function launchOf(state: ClusterState, launchId: string): LaunchRecord {
  const launch = state.launches.get(launchId);
  if (launch === undefined) throw new Error(`Cannot find launch ${launchId} in the journal`);
  return launch;
}
