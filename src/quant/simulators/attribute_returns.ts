import type { RebalanceRule } from "./rebalance_rule.ts";
import type { RebalanceTarget } from "./rebalance_target.ts";
import { simulateVectorized } from "./simulate_vectorized.ts";

/** What is attributed to assets. */
export interface AttributedReturns {
  /** T × N simple returns as fractions, row after row; NaN where a symbol has no price. */
  readonly returns: {
    readonly values: Float64Array;
    readonly rows: number;
    readonly cols: number;
  };
  readonly targets: readonly RebalanceTarget[];
  readonly rebalance: RebalanceRule;
  /** Simple returns of the portfolio after costs, from the row of the first target on. */
  readonly portfolioReturns: Float64Array;
}

/** Where a total return came from, per asset; all in fractions of the first wealth. */
export interface Attribution {
  /** N sums of wealth before the bar × weight × return. */
  readonly contributions: Float64Array;
  /** What the assets do not explain: costs, and with shares what lots and cash cost or earned. */
  readonly rest: number;
  /** N means of the weights over all bars. */
  readonly meanWeights: Float64Array;
  /** N shares of the bars on which an asset was held. */
  readonly heldShares: Float64Array;
}

/** Attributes the total return of a portfolio to its assets. The weights are those of `simulateVectorized`; the wealth is
 * the portfolio's own, so that contributions and rest add up to its total return whatever simulated it.
 *
 * Contributions in money, and not linked returns (Cariño 1999): nothing has to be smoothed for them to add up.
 * @throws {RangeError} as `simulateVectorized`, and if there is not one portfolio return a simulated bar */
export function attributeReturns(
  { returns, targets, rebalance, portfolioReturns }: AttributedReturns,
): Attribution {
  const { values, cols } = returns;
  const contributions = new Float64Array(cols);
  const meanWeights = new Float64Array(cols), heldShares = new Float64Array(cols);
  const bars = portfolioReturns.length;
  let wealth = 1;
  let bar = 0;
  const { returns: simulated } = simulateVectorized({
    returns,
    targets,
    rebalance,
    slippageBps: 0,
    commissionBps: 0,
    initialWealth: 1,
    observe: (row, weights) => {
      for (let col = 0; col < cols; col++) {
        if (weights[col] === 0) continue;
        meanWeights[col] += weights[col] / bars;
        heldShares[col]++;
        const simpleReturn = values[row * cols + col];
        if (!Number.isNaN(simpleReturn)) contributions[col] += wealth * weights[col] * simpleReturn;
      }
      wealth *= 1 + portfolioReturns[bar++];
    },
  });
  if (simulated.length !== bars) {
    throw new RangeError(
      `Cannot attribute returns: ${bars} of the portfolio, ${simulated.length} bars from its first target on`,
    );
  }
  for (; bar < bars; bar++) wealth *= 1 + portfolioReturns[bar];
  const explained = contributions.reduce((sum, value) => sum + value, 0);
  return {
    contributions,
    rest: wealth - 1 - explained,
    meanWeights,
    heldShares: heldShares.map((count) => count / bars),
  };
}
