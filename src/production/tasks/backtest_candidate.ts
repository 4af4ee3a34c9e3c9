import { assertNever } from "../../base/errors.ts";
import { task } from "../../flow/mod.ts";
import { encodeParquet } from "../../lakehouse/parquet_codec.ts";
import type { Panel } from "../../quant/panel.ts";
import type { RebalanceRule } from "../../quant/simulators/rebalance_rule.ts";
import type { RebalanceTarget } from "../../quant/simulators/rebalance_target.ts";
import { simulateVectorized } from "../../quant/simulators/simulate_vectorized.ts";
import type { SimulationOutcome } from "../../quant/simulators/simulation_outcome.ts";
import type { SimulatorName } from "../../quant/simulators/simulator_names.ts";
import { hasArtifact, type MadeArtifact, makeArtifact } from "./artifact_store.ts";
import { type CandidateActivity, candidateActivity } from "./candidate_activity.ts";
import { candidateMetrics } from "./candidate_metrics.ts";

/** One engine × profile as a chain of targets over all windows, and how it is simulated. */
export interface CandidateChain {
  readonly targets: readonly RebalanceTarget[];
  readonly simulator: SimulatorName;
}

/** Costs and conventions of a backtest. */
export interface BacktestSettings {
  readonly slippageBps: number;
  readonly commissionBps: number;
  /** What is traded between targets. */
  readonly rebalance: RebalanceRule;
  readonly initialWealth: number;
  readonly periodsPerYear: number;
  /** Annual, as a fraction. */
  readonly riskFreeRate: number;
  /** Bars at which test windows start, counted from the first test row. */
  readonly windowStarts: readonly number[];
}

/** What travels back of a backtest: the series itself stays in its file. */
export interface BacktestSummary {
  /** By the names of `METRICS`; NaN where a metric does not exist. Dates are seconds since the Unix epoch. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly finalWealth: number;
  readonly totalCost: number;
  readonly rebalances: number;
  /** Bars in which a held asset had no price. */
  readonly unpricedBars: number;
  /** When all wealth was lost, seconds since the Unix epoch; null if it was not. */
  readonly ruinedAtS: number | null;
  readonly activity: CandidateActivity;
  readonly storeDir: string;
  /** timestamp, return: one row a bar from the first test row on. */
  readonly returns: MadeArtifact;
}

/** Simulates one candidate from its first to its last test row: one chain, since holdings and wealth carry over. The
 * worker writes the returns to the store, if it may, and sends the summary. */
export const backtestCandidate = task(
  "backtest-candidate",
  async (
    chain: CandidateChain,
    returns: Panel,
    settings: BacktestSettings,
    storeDir: string,
  ): Promise<BacktestSummary> => {
    const outcome = simulate(chain, returns, settings);
    const free = simulate(chain, returns, { ...settings, slippageBps: 0, commissionBps: 0 });
    const timestampsS = returns.timestampsS.subarray(outcome.firstRow);
    const file = await encodeParquet([
      { name: "timestamp", dtype: "timestamp", values: timestampsS },
      { name: "return", dtype: "f64", values: outcome.returns },
    ]);
    const artifact = await makeArtifact(storeDir, ".parquet", file);
    return {
      metrics: candidateMetrics(outcome, free.returns, returns, chain.targets, settings),
      finalWealth: outcome.finalWealth,
      totalCost: outcome.totalCost,
      rebalances: outcome.turnover.length,
      unpricedBars: outcome.unpricedBars,
      ruinedAtS: outcome.ruinedAtRow === null ? null : returns.timestampsS[outcome.ruinedAtRow],
      activity: candidateActivity(
        outcome,
        returns,
        chain.targets,
        settings.rebalance,
        settings.windowStarts,
      ),
      storeDir,
      returns: artifact,
    };
  },
  {
    run: "cluster",
    module: import.meta.url,
    // A process that the system ends for want of memory says nothing of the task: it is tried again elsewhere.
    retries: 2,
    validate: (summary) => hasArtifact(summary.storeDir, summary.returns),
  },
);

function simulate(
  { simulator, targets }: CandidateChain,
  panel: Panel,
  settings: BacktestSettings,
): SimulationOutcome {
  switch (simulator) {
    case "vectorized": {
      const returns = {
        values: panel.values,
        rows: panel.timestampsS.length,
        cols: panel.symbols.length,
      };
      return simulateVectorized({ ...settings, returns, targets });
    }
    default:
      return assertNever(simulator);
  }
}
