import type { Matrix } from "../matrix.ts";
import type { Allocation } from "../optimizers/allocation.ts";
import type { AllocationProblem, GroupCaps } from "../optimizers/allocation_problem.ts";
import { optimizePortfolio } from "../optimizers/optimize_portfolio.ts";
import { withinTrading } from "../optimizers/optimize_long_only.ts";
import type { ProfileName } from "../optimizers/profiles.ts";
import type { QpSolver } from "../optimizers/qp_solver.ts";
import { clusterMixes, clusterReturns } from "./cluster_mixes.ts";

/** Asset clusters that hold at least one asset each. */
interface Clusters {
  readonly labels: Int32Array;
  readonly count: number;
  readonly caps: Float64Array;
}

/** The clustered engine: within each group of a problem an inverse-variance mix v, its benchmark; the profile across
 * the benchmarks; asset weight = cluster weight × v. A cluster takes at most its cap, and so little (much) that no
 * asset goes above its upper (below its lower) bound.
 * Without groups the profile goes across the assets.
 * Trading counts between clusters; where what it comes to between assets is above the turnover limit, the nearest
 * portfolio within it is held. */
export function allocateClustered(
  problem: AllocationProblem,
  profile: ProfileName,
  solver: QpSolver,
): Allocation {
  if (problem.groups === undefined) return optimizePortfolio(problem, profile, solver);
  const clusters = withoutEmpty(problem.groups);
  const mix = clusterMixes(problem.covariance, clusters);
  const allocation = optimizePortfolio(clusterProblem(problem, clusters, mix), profile, solver);
  if (allocation.status === "infeasible") return allocation;
  const weights = mix.map((share, i) => share * allocation.weights[clusters.labels[i]]);
  const sum = total(weights);
  const wanted = problem.net === undefined ? 1 : total(allocation.weights);
  const scale = sum > 0 && wanted > 0 ? wanted / sum : 1;
  const spread = { ...allocation, weights: weights.map((weight) => weight * scale) };
  return problem.trading === undefined
    ? spread
    : withinTrading({ ...problem, trading: { ...problem.trading, costRate: 0 } }, spread, solver);
}

function withoutEmpty({ labels, caps }: GroupCaps): Clusters {
  const used = [...new Set(labels)].sort((a, b) => a - b);
  const position = new Map(used.map((label, c) => [label, c]));
  return {
    labels: labels.map((label) => position.get(label) ?? 0),
    count: used.length,
    caps: Float64Array.from(used, (label) => caps[label]),
  };
}

/** The same problem across the benchmarks of the clusters. */
function clusterProblem(
  problem: AllocationProblem,
  clusters: Clusters,
  mix: Float64Array,
): AllocationProblem {
  const { labels, count: k, caps } = clusters;
  const { covariance, trading, betas, scenarios, barbell } = problem;
  const lower = new Float64Array(k).fill(-Infinity), upper = new Float64Array(k).fill(Infinity);
  mix.forEach((share, i) => {
    lower[labels[i]] = Math.max(lower[labels[i]], problem.lower[i] / share);
    upper[labels[i]] = Math.min(upper[labels[i]], problem.upper[i] / share);
  });
  const mixed = (values: Float64Array) => sumByCluster(values.map((v, i) => v * mix[i]), clusters);
  return {
    ...problem,
    mu: mixed(problem.mu),
    covariance: benchmarkCovariance(covariance, clusters, mix),
    lower,
    upper,
    // The cluster cap as groups of one, so that it is lifted before the assets' bounds where both are infeasible.
    groups: { labels: Int32Array.from({ length: k }, (_, c) => c), caps },
    trading: trading && { ...trading, held: sumByCluster(trading.held, clusters) },
    betas: betas && mixed(betas),
    scenarios: scenarios && clusterReturns(scenarios, covariance, clusters),
    barbell: barbell && {
      ...barbell,
      aggressors: Int32Array.from(new Set(Array.from(barbell.aggressors, (i) => labels[i]))).sort(),
    },
    market: undefined,
    maxAssets: undefined,
    linkage: undefined,
  };
}

function sumByCluster(values: Float64Array, { labels, count }: Clusters): Float64Array {
  const sums = new Float64Array(count);
  values.forEach((value, i) => sums[labels[i]] += value);
  return sums;
}

/** VᵀΣV, with V the N × k matrix of mixes. */
function benchmarkCovariance(
  covariance: Matrix,
  { labels, count: k }: Clusters,
  mix: Float64Array,
): Matrix {
  const N = labels.length;
  const data = new Float64Array(k * k);
  for (let i = 0; i < N; i++) {
    for (let j = 0; j <= i; j++) {
      const value = mix[i] * mix[j] * covariance.data[i * N + j];
      data[labels[i] * k + labels[j]] += value;
      if (i !== j) data[labels[j] * k + labels[i]] += value;
    }
  }
  return { rows: k, cols: k, data };
}

function total(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
