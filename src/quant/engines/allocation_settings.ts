/** The caps and rates that engines allocate under. */
export interface AllocationSettings {
  /** 252 for US equities, 365 for crypto, or bars per year; no default. */
  readonly periodsPerYear: number;
  /** The largest total weight of an asset cluster, in (0, 1]; raised to 1/k for k clusters. */
  readonly clusterCap: number;
  /** The largest weight of an asset, in (0, 1]; raised to 1/N for N assets. */
  readonly maxWeight: number;
  /** Annualised, as a fraction. */
  readonly riskFreeRate: number;
}
