import { turnover } from "../metrics/portfolio_weights.ts";
import { isRebalanceDue, type RebalanceRule, requireRebalanceRule } from "./rebalance_rule.ts";
import { type RebalanceTarget, requireTargets } from "./rebalance_target.ts";
import type { SimulationOutcome } from "./simulation_outcome.ts";

/** What is simulated, under which costs. */
export interface VectorizedSimulation {
  /** T × N simple returns as fractions, row after row; NaN where a symbol has no price. */
  readonly returns: {
    readonly values: Float64Array;
    readonly rows: number;
    readonly cols: number;
  };
  /** At least one, rows strictly rising. */
  readonly targets: readonly RebalanceTarget[];
  /** When holdings go back to the target between targets. Default: never. */
  readonly rebalance?: RebalanceRule;
  /** Basis points of the traded value lost to the spread and to impact. */
  readonly slippageBps: number;
  /** Basis points of the traded value paid to the broker. */
  readonly commissionBps: number;
  /** Wealth before the first rebalance, in any currency. */
  readonly initialWealth: number;
  /** Told of each bar, before its returns: the row, and the N weights that earn them. They are overwritten afterwards. */
  readonly observe?: (row: number, weights: Float64Array) => void;
}

/** Simulates one chain of rebalances over returns, with costs as a fraction of what is traded.
 *
 * At the start of a row that rebalances (a target's, or one that the rule adds), before its returns: Δw = target − drifted weights, both as
 * fractions of the wealth W before the trade; cost fraction c = Σ|Δw| · (slippage + commission);
 * wealth falls to W(1 − c), of which each holding is exactly its target weight. (The cost of
 * trading c itself, less than c times the rate, is left out.) Then every bar has gross return
 * g = Σ w r and weights drift to w(1 + r) / (1 + g); a bar that rebalances returns g − c(1 + g).
 *
 * Wealth and holdings carry from window to window and are never reset: where test windows overlap
 * the newer target takes over, where they leave rows between them the holdings keep drifting, and
 * after the last target they drift to the last row. A missing return is 0: the position keeps its
 * last price, and is sold at that price by the next target without it. When short or levered
 * losses take all wealth, that bar's return is as it is, −1 or less; all is closed and nothing
 * is traded any more.
 * Takes O(N) memory beyond the outputs.
 * @throws {RangeError} if shapes do not match, target rows do not rise within the returns, a weight,
 * a cost or the initial wealth is out of range; the message names which */
export function simulateVectorized(simulation: VectorizedSimulation): SimulationOutcome {
  requireValid(simulation);
  requireTargets(simulation.targets, simulation.returns.rows, simulation.returns.cols);
  requireRebalanceRule(simulation.rebalance ?? { mode: "window" });
  const { returns: { values, rows, cols }, targets, initialWealth } = simulation;
  const rate = (simulation.slippageBps + simulation.commissionBps) / 10_000;
  const firstRow = targets[0].row;

  const rule = simulation.rebalance ?? { mode: "window" };
  const netReturns = new Float64Array(rows - firstRow);
  const rebalanceRows: number[] = [];
  const turnovers: number[] = [];
  const costs: number[] = [];
  const weights = new Float64Array(cols);
  let inForce = targets[0].weights;
  let held: number[] = [];
  let nextTarget = 0;
  let wealth = initialWealth;
  let totalCost = 0;
  let unpricedBars = 0;
  let ruinedAtRow: number | null = null;

  for (let row = firstRow; row < rows && ruinedAtRow === null; row++) {
    let cost = 0;
    const isNew = nextTarget < targets.length && targets[nextTarget].row === row;
    if (isNew) inForce = targets[nextTarget++].weights;
    if (isNew || (rule.mode !== "window" && isRebalanceDue(rule, weights, inForce))) {
      const traded = turnover(weights, inForce);
      cost = 2 * traded * rate;
      rebalanceRows.push(row);
      turnovers.push(traded);
      costs.push(cost);
      totalCost += cost * wealth;
      weights.set(inForce);
      held = nonZeroIndexes(weights);
    }
    simulation.observe?.(row, weights);
    let gross = 0;
    for (const col of held) {
      const simpleReturn = values[row * cols + col];
      if (Number.isNaN(simpleReturn)) unpricedBars++;
      else gross += weights[col] * simpleReturn;
    }
    const net = gross - cost * (1 + gross);
    netReturns[row - firstRow] = net;
    wealth *= 1 + net;
    if (wealth > 0) {
      drift(weights, held, values, row * cols, gross);
    } else {
      ruinedAtRow = row;
      weights.fill(0);
    }
  }

  const finalHoldings = weights.map((weight) => weight * wealth);
  const finalCash = wealth - finalHoldings.reduce((sum, holding) => sum + holding, 0);
  return {
    firstRow,
    returns: netReturns,
    rebalanceRows: Int32Array.from(rebalanceRows),
    turnover: Float64Array.from(turnovers),
    costs: Float64Array.from(costs),
    totalCost,
    finalWealth: wealth,
    finalHoldings,
    finalCash,
    unpricedBars,
    ruinedAtRow,
  };
}

/** Moves weights with the returns that start at `offset`: w ← w(1 + r) / (1 + g). */
function drift(
  weights: Float64Array,
  held: readonly number[],
  values: Float64Array,
  offset: number,
  gross: number,
): void {
  for (const col of held) {
    const simpleReturn = Number.isNaN(values[offset + col]) ? 0 : values[offset + col];
    weights[col] *= (1 + simpleReturn) / (1 + gross);
  }
}

function nonZeroIndexes(weights: Float64Array): number[] {
  const indexes: number[] = [];
  for (let col = 0; col < weights.length; col++) if (weights[col] !== 0) indexes.push(col);
  return indexes;
}

function requireValid(simulation: VectorizedSimulation): void {
  const { returns: { values, rows, cols } } = simulation;
  const refuse = (reason: string): never => {
    throw new RangeError(`Cannot simulate: ${reason}`);
  };
  if (values.length !== rows * cols) {
    refuse(`${rows} rows and ${cols} columns need ${rows * cols} returns, got ${values.length}`);
  }
  for (const name of ["slippageBps", "commissionBps"] as const) {
    const bps = simulation[name];
    if (!(bps >= 0 && bps < 10_000)) {
      refuse(`${name} must be >= 0 and < 10000: current value is ${bps}`);
    }
  }
  if (!(simulation.initialWealth > 0 && simulation.initialWealth < Infinity)) {
    refuse(`initialWealth must be finite and > 0: current value is ${simulation.initialWealth}`);
  }
}
