/** The estimators of a covariance, in the order in which they are listed to users. */
export const COVARIANCE_NAMES = [
  "ledoit_wolf",
  "sample",
  "oas",
  "ewma",
  "denoised",
] as const;

/** One of {@linkcode COVARIANCE_NAMES}. */
export type CovarianceName = typeof COVARIANCE_NAMES[number];

/** The estimators of mean returns, in the order in which they are listed to users. */
export const MEANS_NAMES = ["sample", "ewma", "bayes_stein", "capm"] as const;

/** One of {@linkcode MEANS_NAMES}. */
export type MeansName = typeof MEANS_NAMES[number];
