import { task } from "../../flow/mod.ts";
import { encodeParquet } from "../../lakehouse/parquet/parquet_codec.ts";
import { computeMetrics } from "../../quant/metrics/compute_metrics.ts";
import type { Panel } from "../../quant/panel.ts";
import type { RebalanceRule } from "../../quant/simulators/rebalance_rule.ts";
import { simulateVectorized } from "../../quant/simulators/simulate_vectorized.ts";
import {
  type CombinatorialSettings,
  combinatorialSplits,
} from "../../quant/walk_forward/combinatorial_splits.ts";
import { pathTargets } from "../../quant/walk_forward/path_targets.ts";
import type { Candidate } from "../grid.ts";
import { hasArtifact, type MadeArtifact, makeArtifact } from "./artifact_store.ts";

/** One chain of weights under one rule of rebalancing, over all paths. */
export interface PathsTest {
  /** One a split; undefined where it had no solution. */
  readonly weights: readonly (Float64Array | undefined)[];
  readonly splits: CombinatorialSettings;
  /** Rows between targets within a group. */
  readonly step: number;
  readonly rebalance: RebalanceRule;
  readonly slippageBps: number;
  readonly commissionBps: number;
  readonly initialWealth: number;
  readonly periodsPerYear: number;
  /** Annual, as a fraction. */
  readonly riskFreeRate: number;
}

/** What one path came to, as fractions and annualised; NaN for what does not exist. */
export interface PathMetrics {
  readonly sharpe: number;
  readonly annualizedReturn: number;
  readonly annualizedVolatility: number;
  /** Below 0. */
  readonly maxDrawdown: number;
}

/** What travels back of the paths of a chain. */
export interface PathsSummary {
  /** One a path. */
  readonly paths: readonly PathMetrics[];
  readonly storeDir: string;
  /** timestamp, path_0, path_1, …: one row a row of the returns. */
  readonly returns: MadeArtifact;
}

/** A chain of weights under a rule of rebalancing, which is what has paths. */
export type PathsCandidate = Omit<Candidate, "simulator">;

/** What came of one of them. */
export interface CrossValidated extends PathsCandidate {
  readonly summary: PathsSummary;
  /** Splits without a solution, in which what was held was kept. */
  readonly infeasibleSplits: number;
}

/** Simulates a chain of weights along every path through the splits, after costs, by the simulator `vectorized`. */
export const testPaths = task(
  "test-paths",
  async (test: PathsTest, panel: Panel, storeDir: string): Promise<PathsSummary> => {
    const { periodsPerYear, riskFreeRate } = test;
    const series = simulatePaths(test, panel);
    const file = await encodeParquet([
      { name: "timestamp", dtype: "timestamp", values: panel.timestampsS },
      ...series.map((values, k) => ({ name: `path_${k}`, dtype: "f64" as const, values })),
    ]);
    return {
      paths: series.map((returns) => {
        const metrics = computeMetrics(returns, { periodsPerYear, riskFreeRate });
        return {
          sharpe: metrics.sharpe,
          annualizedReturn: metrics.annualized_return,
          annualizedVolatility: metrics.annualized_volatility,
          maxDrawdown: metrics.max_drawdown,
        };
      }),
      storeDir,
      returns: await makeArtifact(storeDir, ".parquet", file),
    };
  },
  {
    run: "cluster",
    module: import.meta.url,
    // A process that the system ends for want of memory says nothing of the task: it is tried again elsewhere.
    retries: 2,
    validate: ({ storeDir, returns }) => hasArtifact(storeDir, returns),
  },
);

/** The returns of every path, each over all rows. */
export function simulatePaths(
  { weights, splits, step, ...simulation }: Omit<PathsTest, "periodsPerYear" | "riskFreeRate">,
  { timestampsS, symbols, values }: Panel,
): Float64Array[] {
  const rows = timestampsS.length, cols = symbols.length;
  const { groups, paths } = combinatorialSplits(rows, splits);
  return paths.map((path) =>
    simulateVectorized({
      ...simulation,
      returns: { values, rows, cols },
      targets: pathTargets(groups, path, weights, cols, step),
    }).returns
  );
}
