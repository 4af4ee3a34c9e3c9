/** The regimes, calmest first. */
export const REGIMES = ["QUIET", "NORMAL", "TURBULENT", "CRISIS"] as const;

/** The quadrants of growth and stress, calmest first. */
export const QUADRANTS = ["STAGNATION", "EXPANSION", "INFLATIONARY_TREND", "CRISIS"] as const;

/** How the market stood when a window's weights were decided, by its training rows alone. */
export interface RegimeReport {
  /** The window's first test bar, seconds since the epoch. */
  readonly testStartS: number;
  /** Null where the training rows are too few to read anything, or the market lost all. */
  readonly reading: MarketReport | null;
}

/** A reading of the market: the equally weighted symbols of the run. */
export interface MarketReport {
  /** How restless it is. */
  readonly regime: typeof REGIMES[number];
  /** The weighted sum that the regime is told by: QUIET below 0.7, NORMAL below 1.25, TURBULENT below 1.8. */
  readonly score: number;
  /** Where it stands between growth and stress. */
  readonly quadrant: typeof QUADRANTS[number];
  /** The axes of the quadrant: mean return a year, and stress (1.0 for noise of constant variance). */
  readonly annualReturn: number;
  readonly stress: number;
}
