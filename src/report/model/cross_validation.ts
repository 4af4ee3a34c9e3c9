/** How sure the results are, by combinatorial purged cross-validation. */
export interface CrossValidationReport {
  readonly groups: number;
  readonly testGroups: number;
  /** Rows. */
  readonly purge: number;
  readonly embargo: number;
  readonly splits: number;
  /** Symbols with a return on every row, which alone could be held. */
  readonly symbols: number;
  /** One a chain of weights and rule of rebalancing. */
  readonly candidates: readonly PathsReport[];
  /** What choosing the best candidate of the walk-forward is worth; null where there is no choice. */
  readonly overfitting: OverfittingReport | null;
}

/** One chain of weights along all paths. */
export interface PathsReport {
  readonly selection: string;
  readonly engine: string;
  readonly profile: string;
  readonly rebalance: string;
  /** One a path; fractions a year, null for what does not exist. */
  readonly paths: readonly {
    readonly sharpe: number | null;
    readonly annualizedReturn: number | null;
    readonly annualizedVolatility: number | null;
    /** Below 0. */
    readonly maxDrawdown: number | null;
  }[];
  /** Of the paths' Sharpe ratios; null where one does not exist. */
  readonly sharpe: {
    readonly lowest: number;
    readonly median: number;
    readonly highest: number;
    readonly mean: number;
    /** Sample standard deviation; null for a single path. */
    readonly std: number | null;
    /** Share of the paths with a Sharpe ratio below 0. */
    readonly lossShare: number;
  } | null;
  /** Splits without a solution, in which what was held was kept. */
  readonly infeasibleSplits: number;
}

/** The probability of backtest overfitting and what belongs to it. */
export interface OverfittingReport {
  /** Candidates that were chosen from. */
  readonly trials: number;
  /** Groups of the walk-forward's rows, half of them in sample. */
  readonly groups: number;
  /** Share of the splits in which the best in sample is at the median or below it out of sample. */
  readonly probability: number;
  /** Share of the splits in which the best in sample loses out of sample, by its Sharpe ratio. */
  readonly lossProbability: number;
  /** Slope of the best one's Sharpe ratio out of sample over that in sample; null where all are equal. */
  readonly degradation: number | null;
  /** One a split: ln(ω / (1 − ω)) of the best one's relative rank ω out of sample. */
  readonly logits: readonly number[];
}
