import { normalCdf } from "../metrics/normal_distribution.ts";
import { leastSquares } from "./least_squares.ts";

/** What a test for a unit root found. */
export interface UnitRootTest {
  /** The t statistic of the lagged level. */
  readonly statistic: number;
  /** Of the unit root: near 0 for a series that returns to its mean, large for a random walk. */
  readonly pValue: number;
  /** Lagged differences in the regression, as the Akaike criterion chose. */
  readonly lags: number;
}

/** The augmented Dickey–Fuller test with a constant, as `statsmodels.tsa.stattools.adfuller` with its defaults: up to
 * ⌈12 (T/100)^¼⌉ lagged differences (Schwert 1989), as many as the Akaike criterion wants on the sample that all have
 * in common, then fitted to all rows.
 * @param levels T values, for instance log prices
 * @returns NaN twice for fewer than 4 values or when all are equal
 * Sources: Said, Dickey (1984), "Testing for unit roots in ARMA models of unknown order"; MacKinnon (1994), "Approximate
 * asymptotic distribution functions for unit-root and cointegration tests", for the p-value. */
export function augmentedDickeyFuller(levels: Float64Array): UnitRootTest {
  const T = levels.length;
  const maxLags = Math.min(Math.floor(T / 2) - 2, Math.ceil(12 * (T / 100) ** 0.25));
  if (maxLags < 0 || levels.every((value) => value === levels[0])) {
    return { statistic: NaN, pValue: NaN, lags: 0 };
  }
  const lags = bestLags(levels, maxLags);
  const { differences, constant, level, lagged } = regressors(levels, lags);
  const { lastT } = leastSquares([constant, ...lagged, level], differences);
  return { statistic: lastT, pValue: mackinnonPValue(lastT), lags };
}

/** The count of lags with the least Akaike criterion, the fewest of equals. */
function bestLags(levels: Float64Array, maxLags: number): number {
  const { differences, constant, level, lagged } = regressors(levels, maxLags);
  const T = differences.length;
  const { residuals } = leastSquares([constant, level, ...lagged], differences);
  let best = 0, least = Infinity;
  for (let lags = 0; lags <= maxLags; lags++) {
    const criterion = T * Math.log(residuals[lags + 2]) + 2 * (lags + 2);
    if (criterion < least) {
      least = criterion;
      best = lags;
    }
  }
  return best;
}

/** Δxₜ with 1, xₜ₋₁ and Δxₜ₋₁ … Δxₜ₋ₗ, for every t that has them all. */
function regressors(levels: Float64Array, lags: number) {
  const rows = levels.length - 1 - lags;
  const column = (value: (t: number) => number) =>
    Float64Array.from({ length: rows }, (_, row) => value(row + lags + 1));
  const difference = (t: number) => levels[t] - levels[t - 1];
  return {
    differences: column(difference),
    constant: column(() => 1),
    level: column((t) => levels[t - 1]),
    lagged: Array.from({ length: lags }, (_, lag) => column((t) => difference(t - lag - 1))),
  };
}

/** Where MacKinnon's two polynomials hold and meet, for a regression with a constant. */
const LOWEST = -18.83, SWITCH = -1.61, HIGHEST = 2.74;
const BELOW_SWITCH = [2.1659, 1.4412, 0.038269];
const ABOVE_SWITCH = [1.7339, 0.93202, -0.12745, -0.010368];

function mackinnonPValue(statistic: number): number {
  if (statistic > HIGHEST) return 1;
  if (statistic < LOWEST) return 0;
  const coefficients = statistic <= SWITCH ? BELOW_SWITCH : ABOVE_SWITCH;
  return normalCdf(coefficients.reduceRight((sum, value) => sum * statistic + value, 0));
}
