import { task } from "../../flow/mod.ts";
import { encodeParquet } from "../../lakehouse/parquet/parquet_codec.ts";
import type { Ohlcv } from "../../quant/ohlcv.ts";
import type { Panel } from "../../quant/panel.ts";
import type { OwnReference } from "../own/load_own.ts";
import { ownMetrics } from "../own/simulate_own.ts";
import { equalWeightReturns } from "./benchmark.ts";
import { hasArtifact, type MadeArtifact, makeArtifact } from "./artifact_store.ts";
import { type CandidateActivity, candidateActivity } from "./candidate_activity.ts";
import { candidateMetrics } from "./candidate_metrics.ts";
import {
  type CandidateChain,
  makeSimulation,
  type TradingSettings,
  withoutCosts,
} from "./simulate_candidate.ts";
import { storeTrades } from "./store_trades.ts";

/** Costs and conventions of a backtest. */
export interface BacktestSettings extends TradingSettings {
  /** Annual, as a fraction. */
  readonly riskFreeRate: number;
  /** Bars at which test windows start, counted from the first test row. */
  readonly windowStarts: readonly number[];
  /** Metrics of the user's own; none when left out. */
  readonly ownMetrics?: readonly OwnReference[];
}

/** What travels back of a backtest: series and trades stay in their files. */
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
  /** Null for a simulator that trades no shares. */
  readonly trading: TradingSummary | null;
}

/** What came of trading shares. */
export interface TradingSummary {
  /** See `storeTrades`. */
  readonly file: MadeArtifact;
  readonly trades: number;
  /** Trades wanted but left out: no price, or too small a value. */
  readonly skippedOrders: number;
  /** Borrow fees and interest, a part of the total cost. */
  readonly financingCost: number;
  /** When all was sold as the margin ran out, seconds since the Unix epoch. */
  readonly liquidatedAtS: readonly number[];
}

/** Simulates one candidate from its first to its last test row: one chain, since holdings and wealth carry over. The
 * worker writes returns and trades to the store, if it may, and sends the summary.
 * @param bars of the rows of the returns, for simulators that trade shares */
export const backtestCandidate = task(
  "backtest-candidate",
  async (
    chain: CandidateChain,
    returns: Panel,
    bars: Ohlcv | null,
    settings: BacktestSettings,
    storeDir: string,
  ): Promise<BacktestSummary> => {
    const simulate = await makeSimulation(chain, returns, bars);
    const outcome = simulate(settings);
    const free = simulate(withoutCosts(settings));
    const timestampsS = returns.timestampsS.subarray(outcome.firstRow);
    const file = await encodeParquet([
      { name: "timestamp", dtype: "timestamp", values: timestampsS },
      { name: "return", dtype: "f64", values: outcome.returns },
    ]);
    const artifact = await makeArtifact(storeDir, ".parquet", file);
    return {
      metrics: {
        ...candidateMetrics(outcome, free.returns, returns, chain.targets, settings),
        ...await ownMetrics(settings.ownMetrics ?? [], {
          returns: outcome.returns,
          benchmark: equalWeightReturns(returns, outcome.firstRow),
          targets: chain.targets,
          periodsPerYear: settings.periodsPerYear,
          riskFreeRate: settings.riskFreeRate,
        }),
      },
      finalWealth: outcome.finalWealth,
      totalCost: outcome.totalCost,
      rebalances: outcome.turnover.length,
      unpricedBars: outcome.unpricedBars,
      ruinedAtS: outcome.ruinedAtRow === null ? null : returns.timestampsS[outcome.ruinedAtRow],
      activity: candidateActivity(
        outcome,
        returns,
        chain.targets,
        chain.rebalance,
        settings.windowStarts,
      ),
      storeDir,
      returns: artifact,
      trading: "trades" in outcome
        ? {
          file: await storeTrades(outcome.trades, returns, storeDir),
          trades: outcome.trades.rows.length,
          skippedOrders: outcome.skippedOrders,
          financingCost: outcome.financingCost,
          liquidatedAtS: outcome.liquidationRows.map((row) => returns.timestampsS[row]),
        }
        : null,
    };
  },
  {
    run: "cluster",
    module: import.meta.url,
    // A process that the system ends for want of memory says nothing of the task: it is tried again elsewhere.
    retries: 2,
    validate: ({ storeDir, returns, trading }) =>
      hasArtifact(storeDir, returns) &&
      (trading === null || hasArtifact(storeDir, trading.file)),
  },
);
