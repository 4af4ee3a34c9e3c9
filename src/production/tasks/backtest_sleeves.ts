import { task } from "../../flow/mod.ts";
import { writeColumns } from "../../lakehouse/parquet/parquet_file.ts";
import type { Panel } from "../../quant/panel.ts";
import type { RebalanceRule } from "../../quant/simulators/rebalance_rule.ts";
import type { RebalanceTarget } from "../../quant/simulators/rebalance_target.ts";
import { simulateVectorized } from "../../quant/simulators/simulate_vectorized.ts";
import { type Artifact, hasArtifact, storeArtifact } from "./artifact_store.ts";
import { type CandidateActivity, candidateActivity } from "./candidate_activity.ts";
import { candidateMetrics } from "./candidate_metrics.ts";

/** Costs and conventions of a meta-portfolio's backtest. */
export interface SleeveBacktestSettings {
  readonly slippageBps: number;
  readonly commissionBps: number;
  readonly rebalance: RebalanceRule;
  readonly initialWealth: number;
  readonly periodsPerYear: number;
  /** Annual, as a fraction. */
  readonly riskFreeRate: number;
  /** Rows at which windows start, counted from the first one. */
  readonly windowStarts: readonly number[];
}

/** What came of a meta-portfolio's backtest. */
export interface SleeveBacktest {
  /** By the names of `METRICS`; NaN where a metric does not exist. Dates are seconds since the Unix epoch. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly finalWealth: number;
  readonly totalCost: number;
  readonly rebalances: number;
  /** What each sleeve gave, and what was moved between them. */
  readonly activity: CandidateActivity;
  readonly storeDir: string;
  /** timestamp, return: one row a joined day from the first window on. */
  readonly returns: Artifact;
}

/** Simulates a portfolio of sleeves as if each were an asset: what is moved between them costs, on top of what each has
 * paid within. Its benchmark is all sleeves in equal parts. */
export const backtestSleeves = task(
  "backtest-sleeves",
  async (
    targets: readonly RebalanceTarget[],
    panel: Panel,
    settings: SleeveBacktestSettings,
    storeDir: string,
  ): Promise<SleeveBacktest> => {
    const { values, symbols, timestampsS } = panel;
    const returns = { values, rows: timestampsS.length, cols: symbols.length };
    const outcome = simulateVectorized({ ...settings, returns, targets });
    const withoutCosts = { ...settings, slippageBps: 0, commissionBps: 0 };
    const free = simulateVectorized({ ...withoutCosts, returns, targets });
    const artifact = await storeArtifact(storeDir, ".parquet", async (path) => {
      await writeColumns(path, [
        {
          name: "timestamp",
          dtype: "timestamp",
          values: timestampsS.subarray(outcome.firstRow),
        },
        { name: "return", dtype: "f64", values: outcome.returns },
      ]);
    });
    return {
      metrics: candidateMetrics(outcome, free.returns, panel, targets, settings),
      finalWealth: outcome.finalWealth,
      totalCost: outcome.totalCost,
      rebalances: outcome.turnover.length,
      activity: candidateActivity(
        outcome,
        panel,
        targets,
        settings.rebalance,
        settings.windowStarts,
      ),
      storeDir,
      returns: artifact,
    };
  },
  {
    run: "local",
    module: import.meta.url,
    validate: ({ storeDir, returns }) => hasArtifact(storeDir, returns),
  },
);
