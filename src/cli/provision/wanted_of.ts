import type { ClusterConfig } from "../../../provision/config/cluster_config.ts";
import type { Wanted } from "../../../provision/plan.ts";

const HOUR_MS = 3_600_000;

/** What shall be now. */
export interface WantedNow {
  /** How many workers; a head on a node is on one of them. */
  readonly workers: number;
  readonly end: boolean;
  /** See {@linkcode Wanted}. */
  readonly headNode: Wanted["headNode"];
}

/** What the plan goes by, from a configuration and what shall be now. */
export function wantedOf(
  config: ClusterConfig,
  regions: readonly string[],
  { workers, end, headNode }: WantedNow,
): Wanted {
  const { aws, provider } = config;
  const isBought = provider === "aws";
  return {
    cluster: config.name,
    workers: end ? 0 : headNode === undefined ? workers : Math.max(1, workers),
    maxNodes: config.workers.max,
    maxUsdPerHour: config.max_usd_per_hour,
    regions,
    market: isBought && aws.market !== "on_demand" ? "spot" : "on_demand",
    onDemandBase: aws.market === "spot_with_base" ? aws.on_demand_base : 0,
    ttlMs: config.ttl_hours * HOUR_MS,
    headNode,
    end,
  };
}
