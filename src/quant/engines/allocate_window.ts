import type { AssetClusters } from "../clustering/cluster_assets.ts";
import type { ReturnsWindow } from "../estimators/returns_window.ts";
import type { Allocation } from "../optimizers/allocation.ts";
import type { AllocationProblem } from "../optimizers/allocation_problem.ts";
import { optimizeFewAssets } from "../optimizers/few_assets.ts";
import { optimizePortfolio } from "../optimizers/optimize_portfolio.ts";
import type { ProfileName } from "../optimizers/profiles.ts";
import type { QpSolver } from "../optimizers/qp_solver.ts";
import { adaptiveProfile } from "../regime/adaptive_profile.ts";
import type { Quadrant } from "../regime/quadrant.ts";
import type { Regime } from "../regime/regime_score.ts";
import { allocateClustered } from "./allocate_clustered.ts";
import type { AllocationSettings } from "./allocation_settings.ts";
import type { EngineName } from "./engine_names.ts";
import { type WindowMoments, windowMoments } from "./window_moments.ts";
import { windowProblem } from "./window_problem.ts";

/** One (window, engine, profile): what to allocate, and how. */
export interface AllocationRequest {
  /** The asset clusters of the same N assets. */
  readonly clusters: AssetClusters;
  /** How returns become a problem. */
  readonly engine: EngineName;
  /** What the problem is optimised for. */
  readonly profile: ProfileName;
  /** Caps, rates and estimators. */
  readonly settings: AllocationSettings;
  /** The assets of the profile market, which has no solution without. */
  readonly market?: Int32Array;
  /** T returns of the market that betas are to; the mean of all assets when left out. */
  readonly marketReturns?: Float64Array;
  /** N weights held; none when left out, and nothing is said of trading. */
  readonly held?: Float64Array;
  /** How rough the market is, for barbell; NORMAL when left out. */
  readonly regime?: Regime;
  /** Where the market is, for adaptive, which has no solution without. */
  readonly quadrant?: Quadrant;
}

/** Profiles that go across the assets whatever the engine. */
const ACROSS_ASSETS: ReadonlySet<ProfileName> = new Set(["market", "benchmark", "barbell"]);

/** N target weights, or why there are none. Of the clustered engine, `objective` and `kktResidual` are those of the
 * problem across the clusters. */
export type WindowAllocation = Allocation;

/** Allocates to the N assets of a training window. The same window and request give the same bits.
 * @throws {RangeError} for a window that cannot be estimated from, clusters of other assets, or settings out of
 * their range */
export function allocateWindow(
  request: ReturnsWindow & AllocationRequest,
  solver: QpSolver,
): WindowAllocation {
  const { periodsPerYear, estimators, riskFreeRate } = request.settings;
  const { values, T, N } = request;
  const moments = windowMoments({ values, T, N }, periodsPerYear, estimators, riskFreeRate);
  return allocateMoments(moments, request, solver);
}

/** As {@linkcode allocateWindow}, from moments that several engines and profiles of one window share. */
export function allocateMoments(
  moments: WindowMoments,
  request: AllocationRequest,
  solver: QpSolver,
): WindowAllocation {
  const { engine, quadrant } = request;
  assertRequest(moments.mu.length, request);
  const problem = windowProblem(moments, request);
  const profile = request.profile === "adaptive" && quadrant !== undefined
    ? adaptiveProfile(quadrant)
    : request.profile;
  if (engine === "flat" || ACROSS_ASSETS.has(profile)) {
    return optimizePortfolio(problem, profile, solver);
  }
  const across = (part: AllocationProblem): Allocation => allocateClustered(part, profile, solver);
  return problem.maxAssets === undefined
    ? across(problem)
    : optimizeFewAssets(problem, problem.maxAssets, across);
}

function assertRequest(N: number, { clusters, settings }: AllocationRequest): void {
  if (clusters.labels.length !== N) {
    throw new RangeError(
      `Cannot allocate to ${N} assets: the asset clusters hold ${clusters.labels.length}`,
    );
  }
  const { clusterCap, maxWeight, riskFreeRate } = settings;
  for (const [name, cap] of Object.entries({ clusterCap, maxWeight })) {
    if (!(cap > 0 && cap <= 1)) {
      throw new RangeError(`Cannot cap weights at ${cap}: ${name} must be in (0, 1]`);
    }
  }
  const { minWeight = 0, maxShort = 0 } = settings;
  for (const [name, bound] of Object.entries({ minWeight, maxShort })) {
    if (!(bound >= 0 && bound <= 1)) {
      throw new RangeError(`Cannot bound weights by ${bound}: ${name} must be in [0, 1]`);
    }
  }
  if (!Number.isFinite(riskFreeRate)) {
    throw new RangeError(`Cannot use a risk-free rate that is not finite: ${riskFreeRate}`);
  }
}
