import type { AssetClusters } from "../clustering/cluster_assets.ts";
import type { ReturnsWindow } from "../estimators/returns_window.ts";
import type { Matrix } from "../matrix.ts";
import { antifragility } from "../metrics/fragility.ts";
import type { BarbellTerms } from "../optimizers/allocation_problem.ts";
import type { Regime } from "../regime/regime_score.ts";
import { clusterReturns } from "./cluster_mixes.ts";

/** The total weight of the aggressors: less, the rougher the market. */
const AGGRESSOR_SHARE: Readonly<Record<Regime, number>> = {
  QUIET: 0.15,
  NORMAL: 0.10,
  TURBULENT: 0.05,
  CRISIS: 0.03,
};
/** One in this many asset clusters is an aggressor. */
const CLUSTERS_PER_AGGRESSOR = 4;

/** What a barbell bets on: the assets of the quarter of asset clusters (at least one, and never all) whose
 * inverse-variance mix was the most antifragile in the window. A mix whose antifragility does not exist is no bet. */
export function barbellTerms(
  returns: ReturnsWindow,
  covariance: Matrix,
  clusters: Pick<AssetClusters, "labels" | "count">,
  regime: Regime,
): BarbellTerms {
  const mixed = clusterReturns(returns, covariance, clusters);
  const scores = Array.from({ length: clusters.count }, (_, c) => ({
    c,
    score: antifragility(
      Float64Array.from({ length: mixed.T }, (_, t) => mixed.values[t * mixed.N + c]),
    ),
  }));
  const count = Math.min(
    clusters.count - 1,
    Math.max(1, Math.floor(clusters.count / CLUSTERS_PER_AGGRESSOR)),
  );
  const chosen = new Set(
    scores
      .filter(({ score }) => Number.isFinite(score))
      .sort((a, b) => b.score - a.score || a.c - b.c)
      .slice(0, count)
      .map(({ c }) => c),
  );
  const assets = Array.from(clusters.labels.keys()).filter((i) => chosen.has(clusters.labels[i]));
  return { aggressors: Int32Array.from(assets), share: AGGRESSOR_SHARE[regime] };
}
