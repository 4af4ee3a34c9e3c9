import { clusterAssets } from "../clustering/cluster_assets.ts";
import { allocateWindow } from "../engines/allocate_window.ts";
import type { ReturnsWindow } from "../estimators/returns_window.ts";
import type { Allocation } from "../optimizers/allocation.ts";
import { PROFILE_NAMES, type ProfileName } from "../optimizers/profiles.ts";
import type { QpSolver } from "../optimizers/qp_solver.ts";

/** Profiles that are none of sleeves: three need a market beside the assets, or stand for one; the bets of barbell, which
 * adaptive can become, are smaller than the smallest weight of a sleeve. */
const NOT_OF_SLEEVES: ReadonlySet<ProfileName> = new Set<ProfileName>([
  "market",
  "benchmark",
  "market_neutral",
  "barbell",
  "adaptive",
]);

/** The profiles that weights of sleeves can be optimised for, in the order in which they are listed. */
export const META_PROFILE_NAMES: readonly ProfileName[] = PROFILE_NAMES.filter((name) =>
  !NOT_OF_SLEEVES.has(name)
);

/** How weights of sleeves are found. */
export interface SleeveAllocationSettings {
  /** Rows a year of the joined returns; no default. */
  readonly periodsPerYear: number;
  /** The smallest weight of a sleeve, 0 to 1, as 0.05; lowered to 1/N for N sleeves. */
  readonly minWeight: number;
  /** The largest weight of a sleeve, above 0 to 1, as 0.5; raised to 1/N for N sleeves. */
  readonly maxWeight: number;
  /** Annual, as a fraction. */
  readonly riskFreeRate: number;
}

/** Weights for N sleeves by a profile, as assets of a portfolio of their own: Ledoit–Wolf covariance and mean of their
 * returns, Σw = 1, each weight within its bounds inside the problem, and for hrp and herc the tree of Ward linkage over
 * all rows. The same rows give the same bits.
 * @param window T × N joined returns of the sleeves, before the first row that the weights may earn
 * @throws {RangeError} for a window that cannot be estimated from, or bounds out of their range */
export function allocateSleeves(
  window: ReturnsWindow,
  profile: ProfileName,
  { periodsPerYear, minWeight, maxWeight, riskFreeRate }: SleeveAllocationSettings,
  solver: QpSolver,
): Allocation {
  const { T, N } = window;
  const clusters = clusterAssets(window, { lookbacks: [T], cutHeight: CUT_HEIGHT, maxClusters: N });
  return allocateWindow({
    ...window,
    clusters,
    engine: "flat",
    profile,
    // Sleeves are limited one by one: groups of them are for the tree alone.
    settings: { periodsPerYear, clusterCap: 1, minWeight, maxWeight, riskFreeRate },
  }, solver);
}

/** Where the tree of sleeves is cut into the groups of herc. */
const CUT_HEIGHT = 0.7;
