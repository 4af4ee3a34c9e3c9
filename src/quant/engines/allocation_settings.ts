import type { Estimators } from "./window_moments.ts";

/** The caps, rates and estimators that engines allocate under. What is left out is as the profile's problem has it. */
export interface AllocationSettings {
  /** 252 for US equities, 365 for crypto, or bars per year; no default. */
  readonly periodsPerYear: number;
  /** The largest total weight of an asset cluster, in (0, 1]; raised to 1/k for k clusters. */
  readonly clusterCap: number;
  /** The largest weight of an asset, in (0, 1]; raised to 1/N for N assets. */
  readonly maxWeight: number;
  /** Annualised, as a fraction. */
  readonly riskFreeRate: number;
  /** Ledoit–Wolf and sample means when left out. */
  readonly estimators?: Estimators;
  /** The smallest weight of an asset, in [0, 1]; 0 when left out. Lowered to 1/N for N assets. */
  readonly minWeight?: number;
  /** The largest short of an asset, in [0, 1], in place of a smallest weight; long-only when left out. */
  readonly maxShort?: number;
  /** Smallest and largest Σw; exactly 1 when left out. */
  readonly net?: { readonly lower: number; readonly upper: number };
  /** Largest Σ|w|. */
  readonly grossLimit?: number;
  /** What min_variance and the like pay for each unit of Σ|w − held|; 0 when left out. */
  readonly costRate?: number;
  /** Largest ½Σ|w − held|. */
  readonly turnoverLimit?: number;
  /** Largest number of assets held. */
  readonly maxAssets?: number;
  /** As of `AllocationProblem`. */
  readonly l2Penalty?: number;
  /** As of `AllocationProblem`. */
  readonly riskAversion?: number;
  /** As of `AllocationProblem`. */
  readonly betaLimit?: number;
  /** As of `AllocationProblem`. */
  readonly tailShare?: number;
}
