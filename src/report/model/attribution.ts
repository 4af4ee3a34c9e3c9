/** Where a candidate's total return came from, in fractions of its first wealth: the rows and `rest` add up to it. */
export interface AttributionReport {
  /** One a symbol that was ever held, the largest contribution first. */
  readonly rows: readonly SymbolContribution[];
  /** What the symbols do not explain: trading costs, and with lots and cash what these cost or earned. */
  readonly rest: number;
}

/** What one symbol gave. */
export interface SymbolContribution {
  readonly symbol: string;
  /** Mean weight as held, over all bars. */
  readonly meanWeight: number;
  /** Share of the bars on which it was held. */
  readonly heldShare: number;
  /** Σ wealth before the bar × weight × return, over the first wealth. */
  readonly contribution: number;
}
