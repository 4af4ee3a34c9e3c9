/** Who was chosen for the windows, and why the others were not. */
export interface SelectionReport {
  /** How it was made, for instance `ladder`. */
  readonly mode: string;
  /** Selections that were made. */
  readonly decisions: number;
  /** The fewest and the most winners of a selection. */
  readonly winners: { readonly least: number; readonly most: number };
  /** The mean share of winners that two successive selections have in common (Jaccard), 0 to 1; null for one alone. */
  readonly stability: number | null;
  /** The steps that were taken, in order, with the winners that each added over all selections. */
  readonly steps: readonly { readonly step: string; readonly winners: number }[];
  /** One a symbol: how often it was chosen of the times that it was judged, and the last decision on it. */
  readonly assets: readonly SelectedAsset[];
  /** Where the whole audit is, from the run's folder. */
  readonly auditPath: string;
}

/** What became of one symbol. */
export interface SelectedAsset {
  readonly symbol: string;
  readonly chosen: number;
  readonly judged: number;
  /** Of the last decision. */
  readonly last: {
    readonly isWinner: boolean;
    readonly direction: string;
    /** 0 to 1; null where there is none. */
    readonly score: number | null;
    readonly cluster: number | null;
    readonly reason: string;
  } | null;
}

/** The selection in two sentences. */
export function selectionSentences(selection: SelectionReport): string {
  const { mode, decisions, winners, steps, stability } = selection;
  const range = winners.least === winners.most
    ? `${winners.most}`
    : `${winners.least} to ${winners.most}`;
  const added = steps.map(({ step, winners }) => `${winners} ${step}`).join(", ");
  const kept = stability === null
    ? ""
    : ` From one selection to the next, ${(100 * stability).toFixed(0)} % of the symbols stay.`;
  return `Mode ${mode}: ${decisions} ${
    decisions === 1 ? "selection" : "selections"
  } from training rows alone, ${range} winners each (by step: ${added}).${kept} ` +
    `Every decision, with its features and scores: ${selection.auditPath}.`;
}

/** The columns of the table of symbols. */
export const SELECTION_HEADINGS = ["Symbol", "Chosen", "Last", "Score", "Cluster", "Why"] as const;

/** One line of that table, as text. */
export function selectionRow({ symbol, chosen, judged, last }: SelectedAsset): readonly string[] {
  const times = `${chosen} of ${judged}`;
  if (last === null) return [symbol, times, "–", "–", "–", "never had a return on every row"];
  return [
    symbol,
    times,
    last.isWinner ? last.direction : "–",
    last.score === null ? "–" : last.score.toFixed(3),
    last.cluster === null ? "–" : String(last.cluster),
    last.reason,
  ];
}
