import type { Market, Pool } from "./machine.ts";
import { type ClusterState, isWithoutMachine, marketKey } from "./state.ts";

/** So many pools go into one launch: enough for the provider to find depth, few enough for its limits. */
const MAX_POOLS = 40;

/** What a launch may be made of. */
export interface LaunchChoice {
  readonly region: string;
  readonly market: Market;
  /** Cheapest per virtual CPU first; never empty. */
  readonly pools: readonly Pool[];
  /** From 1 to what was asked for. */
  readonly count: number;
}

/** Why nothing can be launched now. */
export interface NoChoice {
  readonly reason: string;
  /** When it is worth to look again; undefined: only another configuration helps. */
  readonly untilMs: number | undefined;
}

/** What is asked for. */
export interface LaunchNeed {
  readonly market: Market;
  readonly count: number;
  /** Regions in the user's order: the first one with an open pool is taken. */
  readonly regions: readonly string[];
  /** What may be spent on all of them together; each is counted at the price of the dearest pool of the launch. */
  readonly budgetUsdPerHour: number;
}

/** The pools in which to launch: of the first region that has any, open, within the budget, cheapest per CPU first.
 * When the budget is short, rather fewer machines than none. */
export function chooseLaunch(
  pools: readonly Pool[],
  need: LaunchNeed,
  state: ClusterState,
  nowMs: number,
): LaunchChoice | NoChoice {
  const ofMarket = pools.filter(({ market, region }) =>
    market === need.market && need.regions.includes(region)
  );
  if (ofMarket.length === 0) {
    return { reason: `no ${need.market} pool satisfies the configuration`, untilMs: undefined };
  }
  const free = ofMarket.filter((pool) => freeSlots(pool, state) > 0);
  if (free.length === 0) {
    return { reason: `all ${ofMarket.length} machines are in use`, untilMs: undefined };
  }
  const open = free.filter((pool) => closedUntilMs(pool, state, nowMs) === undefined);
  if (open.length === 0) {
    const untilMs = Math.min(...free.map((pool) => closedUntilMs(pool, state, nowMs) ?? nowMs));
    return { reason: closedReason(free, state), untilMs };
  }
  for (let count = need.count; count > 0; count--) {
    const most = need.budgetUsdPerHour / count;
    const payable = open.filter(({ priceUsdPerHour }) => priceUsdPerHour <= most);
    for (const region of need.regions) {
      const here = payable.filter((pool) => pool.region === region).sort(byPrice).slice(
        0,
        MAX_POOLS,
      );
      if (here.length === 0) continue;
      const room = here.reduce((sum, pool) => sum + freeSlots(pool, state), 0);
      return { region, market: need.market, pools: here, count: Math.min(count, room) };
    }
  }
  const cheapest = Math.min(...open.map(({ priceUsdPerHour }) => priceUsdPerHour));
  const left = need.budgetUsdPerHour.toFixed(3);
  return {
    reason: `max_usd_per_hour leaves ${left} $/h, and the cheapest machine costs ${
      cheapest.toFixed(3)
    } $/h`,
    untilMs: undefined,
  };
}

/** What is asked for and not answered may come out of any pool of its launch. */
function freeSlots({ poolId, slots = Infinity }: Pool, state: ClusterState): number {
  if (slots === Infinity) return Infinity;
  const used = [...state.nodes.values()].filter((node) =>
    node.phase !== "gone" &&
    (node.poolId === poolId ||
      isWithoutMachine(node) &&
        state.launches.get(node.launchId)?.pools.some((pool) => pool.poolId === poolId))
  );
  return slots - used.length;
}

function closedUntilMs(pool: Pool, state: ClusterState, nowMs: number): number | undefined {
  const closures = [
    state.coolPools.get(pool.poolId),
    state.closedMarkets.get(marketKey(pool.region, pool.market)),
  ];
  const until = Math.max(...closures.map((closure) => closure?.untilMs ?? 0));
  return until > nowMs ? until : undefined;
}

function closedReason(pools: readonly Pool[], state: ClusterState): string {
  const reasons = pools.map(({ poolId, region, market }) =>
    (state.closedMarkets.get(marketKey(region, market)) ?? state.coolPools.get(poolId))?.reason
  );
  const shown = [...new Set(reasons)].filter((reason) => reason !== undefined).slice(0, 3);
  return `all ${pools.length} pools are left out for now: ${shown.join("; ")}`;
}

/** Dollars per virtual CPU and hour; equal ones by name, so that the order is one. */
function byPrice(a: Pool, b: Pool): number {
  return a.priceUsdPerHour / a.cpus - b.priceUsdPerHour / b.cpus ||
    (a.poolId < b.poolId ? -1 : a.poolId > b.poolId ? 1 : 0);
}
