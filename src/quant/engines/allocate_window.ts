import { assertNever } from "../../base/errors.ts";
import type { AssetClusters } from "../clustering/cluster_assets.ts";
import type { ReturnsWindow } from "../estimators/returns_window.ts";
import type { Allocation } from "../optimizers/allocation.ts";
import type { ProfileName } from "../optimizers/profiles.ts";
import type { QpSolver } from "../optimizers/qp_solver.ts";
import { allocateClustered } from "./allocate_clustered.ts";
import { allocateFlat } from "./allocate_flat.ts";
import type { AllocationSettings } from "./allocation_settings.ts";
import type { EngineName } from "./engine_names.ts";
import { type WindowMoments, windowMoments } from "./window_moments.ts";

/** One (window, engine, profile): what to allocate, and how. */
export interface AllocationRequest {
  /** The asset clusters of the same N assets. */
  readonly clusters: AssetClusters;
  /** How returns become a problem. */
  readonly engine: EngineName;
  /** What the problem is optimised for. */
  readonly profile: ProfileName;
  /** Caps and rates. */
  readonly settings: AllocationSettings;
}

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
  const moments = windowMoments(request, request.settings.periodsPerYear);
  return allocateMoments(moments, request, solver);
}

/** As {@linkcode allocateWindow}, from moments that several engines and profiles of one window share. */
export function allocateMoments(
  moments: WindowMoments,
  request: AllocationRequest,
  solver: QpSolver,
): WindowAllocation {
  const { clusters, engine, profile, settings } = request;
  assertRequest(moments.mu.length, request);
  switch (engine) {
    case "clustered":
      return allocateClustered(moments, clusters, profile, settings, solver);
    case "flat":
      return allocateFlat(moments, clusters, profile, settings, solver);
    default:
      return assertNever(engine);
  }
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
  if (!Number.isFinite(riskFreeRate)) {
    throw new RangeError(`Cannot use a risk-free rate that is not finite: ${riskFreeRate}`);
  }
}
