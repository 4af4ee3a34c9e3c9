import { computeMetrics } from "../../quant/metrics/compute_metrics.ts";
import { antifragility, stressAlpha } from "../../quant/metrics/fragility.ts";
import { frictionDecay } from "../../quant/metrics/friction_decay.ts";
import { hhi } from "../../quant/metrics/portfolio_weights.ts";
import { selectionJaccard } from "../../quant/metrics/selection_stability.ts";
import { probabilisticSharpe } from "../../quant/metrics/sharpe_inference.ts";
import { tailMultiples } from "../../quant/metrics/tail_multiples.ts";
import { temporalFragility, windowSharpes } from "../../quant/metrics/temporal_fragility.ts";
import type { Panel } from "../../quant/panel.ts";
import type { RebalanceTarget } from "../../quant/simulators/rebalance_target.ts";
import type { SimulationOutcome } from "../../quant/simulators/simulation_outcome.ts";
import type { BacktestSettings } from "./backtest_candidate.ts";
import { equalWeightReturns } from "./benchmark.ts";

/** What metrics are computed by. */
type MetricConventions = Pick<BacktestSettings, "periodsPerYear" | "riskFreeRate" | "windowStarts">;

const DATES = ["max_drawdown_start", "max_drawdown_trough", "max_drawdown_recovery"] as const;

/** Everything that reports say of a candidate but what compares candidates.
 * @param freeReturns of the same targets without costs
 * @param panel the returns of the assets, which the benchmark mixes in equal parts
 * @returns by the names of `METRICS`; dates are seconds since the Unix epoch */
export function candidateMetrics(
  { returns, turnover, rebalanceRows, firstRow }: SimulationOutcome,
  freeReturns: Float64Array,
  panel: Panel,
  targets: readonly RebalanceTarget[],
  { periodsPerYear, riskFreeRate, windowStarts }: MetricConventions,
): Record<string, number> {
  const purchaseRow = firstPurchase(targets);
  const benchmark = equalWeightReturns(panel, firstRow);
  const computed = computeMetrics(returns, { periodsPerYear, riskFreeRate, benchmark });
  const free = computeMetrics(freeReturns, { periodsPerYear, riskFreeRate });
  const tails = tailMultiples(returns, benchmark);
  const metrics: Record<string, number> = {
    ...computed,
    probabilistic_sharpe: probabilisticSharpe(returns),
    temporal_fragility: temporalFragility(windowSharpes(returns, windowStarts, periodsPerYear)),
    antifragility: antifragility(returns),
    stress_alpha: stressAlpha(returns, benchmark),
    hhi: mean(targets.map(({ weights }) => hhi(weights)).filter((value) => !Number.isNaN(value))),
    // The first purchase is no change of a portfolio; it would dominate the mean of a short run.
    turnover: mean([...turnover.filter((_, k) => rebalanceRows[k] > purchaseRow)]),
    friction_decay: frictionDecay(computed.sharpe, free.sharpe),
    selection_jaccard: selectionJaccard(targets.map(heldSymbols)),
    cvar_multiple: tails.cvar,
    drawdown_multiple: tails.drawdown,
  };
  for (const name of DATES) {
    const bar = metrics[name];
    if (!Number.isNaN(bar)) metrics[name] = panel.timestampsS[firstRow + bar];
  }
  return metrics;
}

function heldSymbols({ weights }: RebalanceTarget): Set<number> {
  return new Set(weights.keys().filter((col) => weights[col] !== 0));
}

/** The row of the first target that holds anything: a chain whose first windows had no solution starts with cash.
 * @returns the last target's row for a chain that holds nothing */
function firstPurchase(targets: readonly RebalanceTarget[]): number {
  const first = targets.find(({ weights }) => weights.some((weight) => weight !== 0));
  return (first ?? targets[targets.length - 1]).row;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
