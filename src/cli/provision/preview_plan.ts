import { type Observed, plan, type Wanted } from "../../../provision/plan.ts";
import type { Action } from "../../../provision/planning/actions.ts";
import type { ClusterState } from "../../../provision/planning/state.ts";
import { awayKeeper } from "./away_keeper.ts";
import { type ClusterFolder, readClusterState } from "./cluster_folder.ts";
import { makeProvider } from "./make_provider.ts";
import { livingNodes, priceOf } from "./node_text.ts";
import { wantedOf } from "./wanted_of.ts";

type Launch = Extract<Action, { type: "IntendLaunch" }>;

/** What bringing a cluster up would do first. */
export interface Preview {
  readonly workers: number;
  readonly state: ClusterState;
  readonly launches: readonly Launch[];
  /** Nodes that would end, by id. */
  readonly ends: readonly string[];
  /** Why less would be done than is wanted. */
  readonly notes: readonly string[];
  /** Of what would be launched, at least. */
  readonly usdPerHour: number;
  /** What all machines together never cost more than. */
  readonly maxUsdPerHour: number;
}

const CHECK_MS = 60_000;
const SHOWN_POOLS = 5;

/** Checks everything that can be checked, and plans without doing anything.
 * @throws {UserError} naming what is missing */
export async function previewPlan(folder: ClusterFolder, workers: number): Promise<Preview> {
  await using provider = await makeProvider(folder);
  const signal = AbortSignal.timeout(CHECK_MS);
  await provider.preflight(signal);
  const observed = { ...unseen(folder), pools: await provider.pools(signal) };
  const { state } = observed;
  const away = awayKeeper(folder);
  const elsewhere = folder.config.head === "node" ? "wanted" : undefined;
  const headNode = away === undefined ? elsewhere : { nodeId: away.target.nodeId };
  const wanted = wantedOf(folder.config, provider.regions, { workers, end: false, headNode });
  const nowMs = Date.now();
  const plans = [plan(wanted, observed, nowMs)];
  const first = launchesOf(plans[0].actions);
  if (headNode === "wanted") plans.push(plan(besideHead(wanted, first), observed, nowMs));
  const actions = plans.flatMap((one) => one.actions);
  const launches = launchesOf(actions);
  return {
    workers,
    state,
    launches,
    ends: actions.flatMap((action) =>
      action.type === "TerminateNodes"
        ? action.nodeIds
        : action.type === "DrainNode"
        ? [action.nodeId]
        : []
    ),
    notes: plans.flatMap(({ notes }) => notes.map(({ message }) => message)),
    usdPerHour: costOf(launches),
    maxUsdPerHour: folder.config.max_usd_per_hour,
  };
}

/** What follows when the head has its node, were that there already. */
function besideHead(wanted: Wanted, launches: readonly Launch[]): Wanted {
  const count = launches.reduce((sum, launch) => sum + launch.count, 0);
  return {
    ...wanted,
    headNode: undefined,
    workers: wanted.workers - count,
    maxNodes: wanted.maxNodes - count,
    maxUsdPerHour: wanted.maxUsdPerHour - costOf(launches),
    onDemandBase: Math.max(0, wanted.onDemandBase - count),
  };
}

function unseen(folder: ClusterFolder): Observed {
  return {
    state: readClusterState(folder),
    pools: [],
    reads: [],
    absences: new Map(),
    workers: undefined,
    busyNodes: new Set(),
    cleanRegions: new Set(),
  };
}

function launchesOf(actions: readonly Action[]): Launch[] {
  return actions.filter((action) => action.type === "IntendLaunch");
}

/** In dollars an hour, at least. */
function costOf(launches: readonly Launch[]): number {
  return launches.reduce(
    (sum, { count, pools: [{ priceUsdPerHour }] }) => sum + count * priceUsdPerHour,
    0,
  );
}

/** A preview for people. */
export function previewText(preview: Preview): string {
  const { workers, state, launches, ends, notes, usdPerHour, maxUsdPerHour } = preview;
  const lines = launches.map(({ count, market, region, pools, holdsHead }) => {
    const names = pools.slice(0, SHOWN_POOLS).map(({ poolId }) => poolId).join(", ");
    const more = pools.length - SHOWN_POOLS;
    return `launch ${count} × ${market} in ${region}${holdsHead ? " for the head, first" : ""}, ` +
      `best first: ${names}${more > 0 ? `, and ${more} more` : ""}`;
  });
  if (ends.length > 0) lines.push(`end ${ends.join(", ")}`);
  lines.push(...notes);
  if (usdPerHour > 0) {
    const [from, now] = [usdPerHour, priceOf(state)].map((usd) => usd.toFixed(3));
    lines.push(`costs from ${from} $/h, beside ${now} $/h now; at most ${maxUsdPerHour} $/h`);
  }
  const there = `Wanted workers: ${workers}; nodes that are there: ${livingNodes(state).length}.`;
  return [there, ...lines].join("\n  ");
}

/** A preview for programs, as JSON. */
export function previewJson(preview: Preview): string {
  const { workers, state, launches, ends, notes, usdPerHour, maxUsdPerHour } = preview;
  return JSON.stringify({
    workers,
    nodes: livingNodes(state).map(({ nodeId }) => nodeId),
    launches: launches.map(({ count, market, region, pools, holdsHead }) => ({
      count,
      market,
      region,
      holds_head: holdsHead,
      pools: pools.map(({ poolId, priceUsdPerHour }) => ({
        pool: poolId,
        usd_per_hour: priceUsdPerHour,
      })),
    })),
    ends,
    notes,
    usd_per_hour: { launches: usdPerHour, now: priceOf(state), most: maxUsdPerHour },
  });
}
