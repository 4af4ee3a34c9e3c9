import type { ReturnsWindow } from "../../quant/estimators/returns_window.ts";
import type { Matrix } from "../../quant/matrix.ts";
import type { MetricDescriptor } from "../../quant/metrics/metric_descriptors.ts";
import type { Ohlcv } from "../../quant/ohlcv.ts";
import type { GroupCaps } from "../../quant/optimizers/allocation_problem.ts";
import type { Panel } from "../../quant/panel.ts";
import type { RebalanceRule } from "../../quant/simulators/rebalance_rule.ts";
import type { RebalanceTarget } from "../../quant/simulators/rebalance_target.ts";
import type {
  SimulationOutcome,
  TradedOutcome,
} from "../../quant/simulators/simulation_outcome.ts";
import type { TradingSettings } from "../tasks/simulate_candidate.ts";

/** What `deno task research list` says of a function of one's own. */
export interface Explained {
  /** What it computes, in one line. */
  formula?: string;
}

/** What an optimiser of one's own is given: one window, of its training rows alone. */
export interface OwnProblem {
  /** T × N simple returns of the assets that are complete in the training rows. */
  readonly returns: ReturnsWindow;
  /** N names: symbols, or atoms. */
  readonly assets: readonly string[];
  /** N means and N × N covariance, annualised, as the engines estimate them. */
  readonly mu: Float64Array;
  readonly covariance: Matrix;
  /** N smallest and N largest weights. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** The asset clusters and their caps. */
  readonly groups: GroupCaps;
  readonly periodsPerYear: number;
  /** Annual, as a fraction. */
  readonly riskFreeRate: number;
}

/** An optimiser, named in `own.profiles` and then in `backtest.profiles`: N weights that sum to 1. Weights beyond the
 * limits of the problem are taken as they are, and recorded as relaxed. */
export interface OwnOptimizer extends Explained {
  (problem: OwnProblem): ArrayLike<number>;
}

/** What a strategy of one's own is given at the end of a window's training. */
export interface OwnHistory {
  /** Simple returns of all symbols on the training rows; NaN where a symbol has none. */
  readonly returns: Panel;
  readonly periodsPerYear: number;
}

/** A whole strategy, named in `own.strategies` and then in `backtest.profiles`: weights by symbol, from history alone;
 * what they leave of 1 is cash. Selection, engine and limits are its own affair. */
export interface OwnStrategy extends Explained {
  (history: OwnHistory): Readonly<Record<string, number>>;
}

/** What a simulator of one's own is given. */
export interface OwnSimulation {
  readonly targets: readonly RebalanceTarget[];
  readonly rebalance: RebalanceRule;
  /** T × N simple returns. */
  readonly returns: Panel;
  /** Bars of the same rows and columns. */
  readonly bars: Ohlcv;
  readonly settings: TradingSettings;
}

/** A simulator, named in `own.simulators` and then in `backtest.simulators`. */
export interface OwnSimulator extends Explained {
  (simulation: OwnSimulation): SimulationOutcome | TradedOutcome;
}

/** What a metric of one's own is given: one candidate, out of sample. */
export interface OwnMeasured {
  /** Simple returns after costs, one a bar. */
  readonly returns: Float64Array;
  /** Equally weighted candidates, on the same bars. */
  readonly benchmark: Float64Array;
  readonly targets: readonly RebalanceTarget[];
  readonly periodsPerYear: number;
  /** Annual, as a fraction. */
  readonly riskFreeRate: number;
}

/** A metric, named in `own.metrics`: in every report and file of metrics beside ours. NaN is "does not exist". */
export interface OwnMetric extends Omit<MetricDescriptor, "name" | "unit"> {
  readonly unit: "percent" | "ratio" | "count";
  readonly compute: (measured: OwnMeasured) => number;
}
