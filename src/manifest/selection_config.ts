/** Section `selection`. */
export interface SelectionConfig {
  /** Each is run through the whole grid: `baseline` takes all symbols that the audit leaves; `ladder` the best of each
   * asset cluster, relaxed step by step until enough are found; `liquid` the `max_winners` that trade most. Default
   * baseline. */
  readonly modes: readonly ("baseline" | "ladder" | "liquid")[];
  /** `window` selects anew for each window, from its training rows; `once` from those of the first window, for all.
   * Default window. */
  readonly refresh: "window" | "once";
  /** Rows of returns that features are taken from, at most those of a window's training. Default 120. */
  readonly lookback: number;
  /** Winners of each direction in a cluster. Default 3. */
  readonly top_n: number;
  /** The least score of a winner, 0 to 1. Default 0.5. */
  readonly threshold: number;
  /** The ladder is relaxed until so many are found. Default 15. */
  readonly min_winners: number;
  /** Default 25. */
  readonly max_winners: number;
  /** With SHORT, which needs `synthesis.enabled`, symbols that fall are sold short. Default LONG alone. */
  readonly directions: readonly ("LONG" | "SHORT")[];
  /** Absolute path of a wide file, in the form of a price file, of what is traded in each bar in the quote currency; in
   * a manifest it is relative to the manifest's folder. Without it close × volume counts where the prices are of a
   * lakehouse, and liquidity does not where they are of a file. */
  readonly traded_values?: string;
}

/** Section `synthesis`: what is optimised over are then atoms, one rule on one symbol each, instead of symbols. */
export interface SynthesisConfig {
  /** Default false. */
  readonly enabled: boolean;
  /** Default momentum, reversion, trend, raw. */
  readonly logics: readonly ("momentum" | "reversion" | "trend" | "raw")[];
  /** Bars that the rules look back over. Default 20. */
  readonly timescales: readonly number[];
}

/** What holds where no layer says otherwise. */
export const SELECTION_DEFAULTS: {
  readonly selection: SelectionConfig;
  readonly synthesis: SynthesisConfig;
} = {
  selection: {
    modes: ["baseline"],
    refresh: "window",
    lookback: 120,
    top_n: 3,
    threshold: 0.5,
    min_winners: 15,
    max_winners: 25,
    directions: ["LONG"],
  },
  synthesis: {
    enabled: false,
    logics: ["momentum", "reversion", "trend", "raw"],
    timescales: [20],
  },
};

/** What is wrong with the two sections together.
 * @returns the problem with keys and values, and what to do; undefined when they fit */
export function selectionProblem(
  selection: SelectionConfig,
  synthesis: SynthesisConfig,
): { readonly problem: string; readonly hint: string } | undefined {
  const { min_winners, max_winners, directions } = selection;
  if (min_winners > max_winners) {
    return {
      problem: `selection.min_winners ${min_winners} is above selection.max_winners ${max_winners}`,
      hint: "Make min_winners at most max_winners.",
    };
  }
  if (directions.includes("SHORT") && !synthesis.enabled) {
    return {
      problem:
        `selection.directions has SHORT, but synthesis.enabled is false, so that nothing could be sold short`,
      hint: "Set synthesis.enabled to true; the logic raw alone holds each symbol as it is.",
    };
  }
  return undefined;
}
