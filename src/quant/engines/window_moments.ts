import { assertNever } from "../../base/errors.ts";
import { bayesSteinMeans } from "../estimators/bayes_stein.ts";
import { capmMeans } from "../estimators/capm_means.ts";
import { denoisedCovariance } from "../estimators/denoised_covariance.ts";
import type { CovarianceName, MeansName } from "../estimators/estimator_names.ts";
import { ewmaCovariance, ewmaMeans } from "../estimators/ewma.ts";
import { ledoitWolf } from "../estimators/ledoit_wolf.ts";
import { meanReturns } from "../estimators/mean_returns.ts";
import { oracleShrinkage } from "../estimators/oracle_shrinkage.ts";
import type { ReturnsWindow } from "../estimators/returns_window.ts";
import { sampleCovariance } from "../estimators/sample_covariance.ts";
import type { Matrix } from "../matrix.ts";

/** What the engines know of a window's returns. */
export interface WindowMoments {
  /** N mean returns, annualised, as fractions. */
  readonly mu: Float64Array;
  /** N × N, annualised. */
  readonly covariance: Matrix;
  /** The window itself, for min_cvar, market_neutral and barbell, which have no solution without. */
  readonly returns?: ReturnsWindow;
}

/** How moments are estimated. */
export interface Estimators {
  /** ledoit_wolf when left out. */
  readonly covariance?: CovarianceName;
  /** sample when left out. */
  readonly means?: MeansName;
  /** Rows after which a return counts half, for the ewma ones; 40 when left out. */
  readonly halfLife?: number;
}

const HALF_LIFE = 40;

/** Estimates the annualised moments of a window: means × A and covariance × A.
 * @param periodsPerYear A: 252 for US equities, 365 for crypto, or bars per year; no default
 * @param riskFreeRate annualised, as a fraction; counts for capm alone
 * @throws {RangeError} for a window that cannot be estimated from, or A that is not finite and positive */
export function windowMoments(
  window: ReturnsWindow,
  periodsPerYear: number,
  estimators: Estimators = {},
  riskFreeRate = 0,
): WindowMoments {
  if (!(periodsPerYear > 0 && periodsPerYear < Infinity)) {
    throw new RangeError(`Cannot annualise by ${periodsPerYear} periods a year: it must be > 0`);
  }
  const covariance = covarianceOf(window, estimators);
  const means = meansOf(window, estimators, covariance, riskFreeRate / periodsPerYear);
  return {
    mu: means.map((mean) => mean * periodsPerYear),
    covariance: {
      ...covariance,
      data: covariance.data.map((value) => value * periodsPerYear),
    },
    returns: window,
  };
}

function covarianceOf(window: ReturnsWindow, estimators: Estimators): Matrix {
  const { covariance: name = "ledoit_wolf", halfLife = HALF_LIFE } = estimators;
  switch (name) {
    case "ledoit_wolf":
      return ledoitWolf(window).covariance;
    case "sample":
      return sampleCovariance(window);
    case "oas":
      return oracleShrinkage(window).covariance;
    case "ewma":
      return ewmaCovariance(window, halfLife);
    case "denoised":
      return denoisedCovariance(window).covariance;
    default:
      return assertNever(name);
  }
}

function meansOf(
  window: ReturnsWindow,
  { means: name = "sample", halfLife = HALF_LIFE }: Estimators,
  covariance: Matrix,
  riskFreeRate: number,
): Float64Array {
  switch (name) {
    case "sample":
      return meanReturns(window);
    case "ewma":
      return ewmaMeans(window, halfLife);
    case "bayes_stein":
      return bayesSteinMeans(window, covariance).means;
    case "capm":
      return capmMeans(window, riskFreeRate);
    default:
      return assertNever(name);
  }
}
