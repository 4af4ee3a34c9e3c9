import { maxDrawdown } from "./drawdown.ts";
import { annualizedReturn, totalReturn } from "./growth.ts";
import { profitFactor, winRate } from "./hit_rate.ts";
import type { ABSOLUTE_METRICS, RELATIVE_METRICS } from "./metric_descriptors.ts";
import { sampleExcessKurtosis, sampleSkew } from "./moments.ts";
import { activeReturns, capture, informationRatio, marketFit, trackingError } from "./relative.ts";
import {
  annualizedVolatility,
  calmar,
  excessReturns,
  omega,
  sharpe,
  sortino,
} from "./risk_adjusted.ts";
import {
  gaussianCvar95,
  gaussianVar95,
  historicCvar95,
  historicVar95,
  sortedCopy,
  tailRatio,
} from "./tail_risk.ts";

/** What metrics need beside returns. */
export interface MetricSettings {
  /** Bars in a year, by the calendar; no default. */
  readonly periodsPerYear: number;
  /** T simple returns of a benchmark on the same bars; without it there are no relative metrics. */
  readonly benchmark?: Float64Array;
  /** Annual, as a fraction (0.02 is 2 %). Default 0. */
  readonly riskFreeRate?: number;
}

/** Metrics by name; those that need a benchmark are absent without one. */
export type Metrics =
  & Readonly<Record<typeof ABSOLUTE_METRICS[number]["name"], number>>
  & Readonly<Partial<Record<typeof RELATIVE_METRICS[number]["name"], number>>>;

/** Computes the metrics of a series of returns. What does not exist is NaN, never 0 or Infinity: a
 * ratio without a denominator, a moment of too few returns, the date of a drawdown that never was.
 * Nothing is clipped.
 * @param returns T simple returns per bar, as fractions (0.01 is 1 %); all finite, may be empty
 * @throws {RangeError} if a return is not finite, `periodsPerYear` not finite and > 0, the risk-free
 * rate not finite and > −1, or the benchmark has another length
 * Sources: with each function of this folder; formulas as in QuantStats and empyrical-reloaded, but
 * for the differences listed in src/quant/README.md. */
export function computeMetrics(returns: Float64Array, settings: MetricSettings): Metrics {
  const { periodsPerYear, benchmark, riskFreeRate = 0 } = settings;
  requireValid(returns, settings);
  const excess = excessReturns(returns, periodsPerYear, riskFreeRate);
  const sorted = sortedCopy(returns);
  const drawdown = maxDrawdown(returns);
  const growth = annualizedReturn(returns, periodsPerYear);
  const absolute = {
    total_return: totalReturn(returns),
    annualized_return: growth,
    annualized_volatility: annualizedVolatility(returns, periodsPerYear),
    sharpe: sharpe(excess, periodsPerYear),
    sortino: sortino(excess, periodsPerYear),
    calmar: calmar(growth, drawdown.depth),
    omega: omega(excess),
    max_drawdown: drawdown.depth,
    max_drawdown_start: drawdown.startIndex,
    max_drawdown_trough: drawdown.troughIndex,
    max_drawdown_recovery: drawdown.recoveryIndex,
    var_95: historicVar95(sorted),
    cvar_95: historicCvar95(sorted),
    gaussian_var_95: gaussianVar95(returns),
    gaussian_cvar_95: gaussianCvar95(returns),
    skew: sampleSkew(returns),
    kurtosis: sampleExcessKurtosis(returns),
    tail_ratio: tailRatio(sorted),
    win_rate: winRate(returns),
    profit_factor: profitFactor(returns),
  };
  if (benchmark === undefined) return absolute;

  const benchmarkExcess = excessReturns(benchmark, periodsPerYear, riskFreeRate);
  const active = activeReturns(returns, benchmark);
  return {
    ...absolute,
    ...marketFit(excess, benchmarkExcess, periodsPerYear),
    information_ratio: informationRatio(active),
    tracking_error: trackingError(active, periodsPerYear),
    up_capture: capture(returns, benchmark, "up", periodsPerYear),
    down_capture: capture(returns, benchmark, "down", periodsPerYear),
  };
}

function requireValid(returns: Float64Array, settings: MetricSettings): void {
  const { periodsPerYear, benchmark, riskFreeRate = 0 } = settings;
  if (!(periodsPerYear > 0 && periodsPerYear < Infinity)) {
    throw new RangeError(
      `Cannot compute metrics: periodsPerYear must be finite and > 0: ` +
        `current value is ${periodsPerYear}`,
    );
  }
  if (!(riskFreeRate > -1 && riskFreeRate < Infinity)) {
    throw new RangeError(
      `Cannot compute metrics: riskFreeRate must be finite and > -1: ` +
        `current value is ${riskFreeRate}`,
    );
  }
  requireFinite("return", returns);
  if (benchmark === undefined) return;
  requireFinite("return of the benchmark", benchmark);
  if (benchmark.length !== returns.length) {
    throw new RangeError(
      `Cannot compute metrics: the benchmark must have ${returns.length} returns, ` +
        `got ${benchmark.length}`,
    );
  }
}

function requireFinite(what: string, values: Float64Array): void {
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  throw new RangeError(
    `Cannot compute metrics: ${what} ${bad} must be finite: current value is ${values[bad]}`,
  );
}
