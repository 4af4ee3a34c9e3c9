import { turnover } from "../metrics/portfolio_weights.ts";

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
  /** Basis points of the traded value lost to the spread and to impact. */
  readonly slippageBps: number;
  /** Basis points of the traded value paid to the broker. */
  readonly commissionBps: number;
  /** Wealth before the first rebalance, in any currency. */
  readonly initialWealth: number;
}

/** The weights to hold from the start of a row on: decided with rows before `row` alone. */
export interface RebalanceTarget {
  /** The first row that the weights earn. */
  readonly row: number;
  /** N fractions of wealth, negative for short; what they leave of 1 is cash and earns nothing. */
  readonly weights: Float64Array;
}

/** What came of it. */
export interface VectorizedOutcome {
  /** The row of the first target: bar k of `returns` is row `firstRow + k`. */
  readonly firstRow: number;
  /** T − firstRow simple returns of the wealth after costs; Π(1 + r) is finalWealth / initialWealth. */
  readonly returns: Float64Array;
  /** ½Σ|Δw| of each rebalance, the first purchase included; 0 after ruin. */
  readonly turnover: Float64Array;
  /** Cost of each rebalance, as a fraction of the wealth before it. */
  readonly costs: Float64Array;
  /** The sum of all costs, in the currency of the wealth. */
  readonly totalCost: number;
  /** Wealth after the last row, in that currency; negative when more than all was lost. */
  readonly finalWealth: number;
  /** N values after the last row, in that currency. */
  readonly finalHoldings: Float64Array;
  /** What is left of finalWealth beside the holdings. */
  readonly finalCash: number;
  /** How many times a bar found a held symbol without a return: valued at its last price. */
  readonly unpricedBars: number;
  /** The row whose losses took all wealth, null if none did. */
  readonly ruinedAtRow: number | null;
}

/** Simulates one chain of rebalances over returns, with costs as a fraction of what is traded.
 *
 * At the start of a target's row, before its returns: Δw = target − drifted weights, both as
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
export function simulateVectorized(simulation: VectorizedSimulation): VectorizedOutcome {
  requireValid(simulation);
  const { returns: { values, rows, cols }, targets, initialWealth } = simulation;
  const rate = (simulation.slippageBps + simulation.commissionBps) / 10_000;
  const firstRow = targets[0].row;

  const netReturns = new Float64Array(rows - firstRow);
  const turnovers = new Float64Array(targets.length);
  const costs = new Float64Array(targets.length);
  const weights = new Float64Array(cols);
  let held: number[] = [];
  let nextTarget = 0;
  let wealth = initialWealth;
  let totalCost = 0;
  let unpricedBars = 0;
  let ruinedAtRow: number | null = null;

  for (let row = firstRow; row < rows && ruinedAtRow === null; row++) {
    let cost = 0;
    if (nextTarget < targets.length && targets[nextTarget].row === row) {
      const target = targets[nextTarget].weights;
      turnovers[nextTarget] = turnover(weights, target);
      cost = 2 * turnovers[nextTarget] * rate;
      costs[nextTarget] = cost;
      totalCost += cost * wealth;
      weights.set(target);
      held = nonZeroIndexes(weights);
      nextTarget++;
    }
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
    turnover: turnovers,
    costs,
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
  const { returns: { values, rows, cols }, targets } = simulation;
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
  if (targets.length === 0) refuse("there is no target");
  let previousRow = -1;
  targets.forEach(({ row, weights }, index) => {
    if (!(Number.isInteger(row) && row > previousRow && row < rows)) {
      refuse(
        `the row of target ${index} must be a whole number after ${previousRow} and ` +
          `before ${rows}: current value is ${row}`,
      );
    }
    if (weights.length !== cols) {
      refuse(`target ${index} must have ${cols} weights, got ${weights.length}`);
    }
    const bad = weights.findIndex((weight) => !Number.isFinite(weight));
    if (bad >= 0) {
      refuse(`weight ${bad} of target ${index} must be finite: current value is ${weights[bad]}`);
    }
    previousRow = row;
  });
}
