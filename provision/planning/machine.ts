/** How a machine is bought. A machine that the user has is `on_demand`. */
export type Market = "spot" | "on_demand";

/** Where a machine can be had: one type in one zone on one market. Capacity, price and failures belong to a pool. */
export interface Pool {
  /** Unique among all, for instance `eu-central-1a/m7g.xlarge/spot`. */
  readonly poolId: string;
  readonly region: string;
  readonly market: Market;
  readonly cpus: number;
  /** What a machine of it costs, 0 for one that the user has. */
  readonly priceUsdPerHour: number;
  /** How many machines it can give in all; undefined: that is known only when it refuses. */
  readonly slots?: number;
}

/** A machine as its provider shows it. */
export interface Machine {
  /** The provider's own name of it. */
  readonly machineId: string;
  /** The cluster in its tag. */
  readonly cluster: string;
  /** The launch in its tag. */
  readonly launchId: string;
  readonly region: string;
  readonly poolId: string;
  readonly market: Market;
  readonly priceUsdPerHour: number;
  readonly state: MachineState;
  /** Where SSH finds it; undefined until it has an address. */
  readonly address: string | undefined;
  /** Since when it is billed, in milliseconds since the epoch. */
  readonly launchedAtMs: number;
  /** Why it ended, as the provider says; undefined while it lives. */
  readonly endReason: string | undefined;
}

/** `pending`: starts · `running` · `ending`: shuts down, no longer billed soon · `ended`: gone for good. */
export type MachineState = "pending" | "running" | "ending" | "ended";

/** One look at all machines of a region that carry the cluster's tag. */
export interface RegionRead {
  readonly region: string;
  readonly atMs: number;
  readonly machines: readonly Machine[];
  /** Whether it surely shows all that is there: what it leaves out is gone. */
  readonly isWhole: boolean;
}
