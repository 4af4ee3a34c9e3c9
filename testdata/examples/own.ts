/** An example of each thing that a manifest can bring of its own; `own.jsonc` names them. @module */
import type { OwnMetric, OwnOptimizer, OwnSimulator, OwnStrategy } from "tradewind/own";

/** An optimiser: weights in proportion to 1 / volatility, with nobody above his limit. */
export const inverseVolatility: OwnOptimizer = ({ covariance, upper }) => {
  const N = upper.length;
  const wanted = upper.map((_, i) => 1 / Math.sqrt(covariance.data[i * N + i]));
  const weights = new Float64Array(N);
  // What a limit cuts off goes to the others, until nothing is left to give.
  for (let left = 1; left > 1e-12;) {
    const open = [...weights.keys()].filter((i) => weights[i] < upper[i]);
    const total = open.reduce((sum, i) => sum + wanted[i], 0);
    if (open.length === 0) break;
    const given = left;
    for (const i of open) {
      const share = Math.min(upper[i] - weights[i], given * wanted[i] / total);
      weights[i] += share;
      left -= share;
    }
  }
  return weights;
};
inverseVolatility.formula = "w in proportion to 1 / volatility, none above its limit";

/** A whole strategy: a third each in the three symbols that rose most in training, cash for those that fell. */
export const momentumTop3: OwnStrategy = ({ returns: { symbols, values } }) => {
  const N = symbols.length;
  const growth = symbols.map((symbol, i) => {
    let wealth = 1;
    for (let at = i; at < values.length; at += N) wealth *= 1 + values[at];
    return { symbol, wealth };
  });
  const best = growth.filter(({ wealth }) => wealth > 1)
    .sort((a, b) => b.wealth - a.wealth)
    .slice(0, 3);
  return Object.fromEntries(best.map(({ symbol }) => [symbol, 1 / 3]));
};
momentumTop3.formula = "1/3 each on the three symbols of highest Π(1 + r) > 1; the rest is cash";

/** A simulator: every target is held exactly on every bar, and nothing costs anything. */
export const frictionless: OwnSimulator = ({ targets, returns, settings }) => {
  const rows = returns.timestampsS.length, N = returns.symbols.length;
  const firstRow = targets[0].row;
  const earned = new Float64Array(rows - firstRow);
  let held = targets[0].weights;
  for (let row = firstRow; row < rows; row++) {
    held = targets.find((target) => target.row === row)?.weights ?? held;
    held.forEach((weight, i) => {
      const move = returns.values[row * N + i];
      if (weight !== 0 && !Number.isNaN(move)) earned[row - firstRow] += weight * move;
    });
  }
  const finalWealth = earned.reduce((wealth, r) => wealth * (1 + r), settings.initialWealth);
  return {
    firstRow,
    returns: earned,
    rebalanceRows: Int32Array.from(targets, ({ row }) => row),
    turnover: new Float64Array(targets.length),
    costs: new Float64Array(targets.length),
    totalCost: 0,
    finalWealth,
    finalHoldings: held.map((weight) => weight * finalWealth),
    finalCash: 0,
    unpricedBars: 0,
    ruinedAtRow: null,
  };
};
frictionless.formula = "r = Σ w · r of each asset on every bar, w the target in force";

/** A metric: the sum of all returns over the sum of all losses. */
export const gainToPain: OwnMetric = {
  label: "Gain to pain",
  unit: "ratio",
  higherIsBetter: true,
  formula: "Σ r / |Σ min(r, 0)|",
  compute: ({ returns }) => {
    const losses = returns.reduce((sum, r) => sum + Math.min(r, 0), 0);
    return losses === 0 ? NaN : returns.reduce((sum, r) => sum + r, 0) / -losses;
  },
};
