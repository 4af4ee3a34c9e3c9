import { meanReturns } from "./mean_returns.ts";
import { assertReturnsWindow, type ReturnsWindow } from "./returns_window.ts";

/** What the capital asset pricing model expects: r_f + β·(mean of the market − r_f), with β = cov(asset, market) /
 * var(market). As PyPortfolioOpt's `capm_return` without compounding.
 * @param riskFreeRate per period, as a fraction
 * @param market T returns of the market; the mean of all assets when left out
 * @returns N means per period, as fractions; r_f plus the market's excess mean for all when the market never moves
 * @throws {RangeError} for a window that cannot be estimated from, or a market of another length
 * Source: Sharpe (1964), "Capital asset prices". */
export function capmMeans(
  window: ReturnsWindow,
  riskFreeRate: number,
  market: Float64Array = meanOfAssets(window),
): Float64Array {
  const betas = marketBetas(window, market);
  const [marketMean] = meanReturns({ values: market, T: market.length, N: 1 });
  return betas.map((beta) => riskFreeRate + beta * (marketMean - riskFreeRate));
}

/** cov(asset, market) / var(market) of each asset; 1 for all when the market never moves.
 * @param market T returns; the mean of all assets when left out, as of an equally weighted market
 * @throws {RangeError} for a window that cannot be estimated from, or a market of another length */
export function marketBetas(
  window: ReturnsWindow,
  market: Float64Array = meanOfAssets(window),
): Float64Array {
  assertReturnsWindow(window);
  const { values, T, N } = window;
  if (market.length !== T) {
    throw new RangeError(`Cannot regress ${T} rows on ${market.length} returns of the market`);
  }
  const [marketMean] = meanReturns({ values: market, T, N: 1 });
  const covariances = new Float64Array(N);
  let variance = 0;
  for (let t = 0; t < T; t++) {
    const deviation = market[t] - marketMean;
    variance += deviation * deviation;
    for (let i = 0; i < N; i++) covariances[i] += deviation * values[t * N + i];
  }
  const still = market.every((value) => value === market[0]);
  return covariances.map((covariance) => still ? 1 : covariance / variance);
}

function meanOfAssets(window: ReturnsWindow): Float64Array {
  assertReturnsWindow(window);
  const { values, T, N } = window;
  return Float64Array.from({ length: T }, (_, t) => {
    let sum = 0;
    for (let i = 0; i < N; i++) sum += values[t * N + i];
    return sum / N;
  });
}
