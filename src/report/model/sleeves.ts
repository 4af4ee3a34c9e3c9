/** What a meta-portfolio is made of. Its candidates' weights are those of the sleeves, in the order of `sleeves`. */
export interface SleevesReport {
  /** One a sleeve, in the manifest's order; those of a nested meta-portfolio follow it. */
  readonly sleeves: readonly SleeveReport[];
  /** The days that all sleeves have. */
  readonly joined: {
    /** `YYYY-MM-DD`. */
    readonly from: string;
    readonly to: string;
    readonly days: number;
    /** Days between these that some sleeve lacks: what the others earn on them is in the next shared day. */
    readonly compoundedDays: number;
    /** Days of any sleeve before the first shared day or after the last one: they are left out. */
    readonly outsideDays: number;
  };
  /** Correlations of the joined returns of the outermost sleeves, in their order. */
  readonly correlations: readonly (readonly number[])[];
  /** What a reader has to know: many days dropped, a sleeve left out and why. */
  readonly warnings: readonly string[];
}

/** One sleeve: a run of its own, or a nested meta-portfolio. */
export interface SleeveReport {
  readonly id: string;
  /** 1 for a sleeve of the meta-portfolio itself, 2 for a sleeve of a nested one. */
  readonly depth: number;
  readonly kind: "production" | "meta";
  /** The profile of the manifest that it runs. */
  readonly profile: string;
  /** Its run; null for one that was left out. */
  readonly runId: string | null;
  /** The candidate of that run that stands for it, for instance `clustered · hrp · vectorized`. */
  readonly candidate: string | null;
  /** The newest hash of its run's ledger. */
  readonly ledgerHash: string | null;
  /** By the names of the metrics, over the days of the candidates; those of a nested one's sleeves over its own. Empty
   * for one that was left out. */
  readonly metrics: Readonly<Record<string, number | string | null>>;
  /** T bars of the candidates: simple returns after costs; empty below the first depth. */
  readonly timestampsS: readonly number[];
  readonly returns: readonly number[];
}

/** What one candidate of a meta-portfolio holds in the end, sleeves seen through: as of the last window. */
export interface ContributorsReport {
  /** The candidate, by its engine and profile. */
  readonly engine: string;
  readonly profile: string;
  /** Σ |net weight| over the assets. */
  readonly gross: number;
  /** Σ net weight over the assets. */
  readonly net: number;
  /** The largest |net weight| first. */
  readonly assets: readonly ContributorAsset[];
}

/** One asset over all sleeves. */
export interface ContributorAsset {
  readonly symbol: string;
  /** Σ sleeve weight × weight in the sleeve. */
  readonly net: number;
  /** Σ |sleeve weight × weight in the sleeve|: more than |net| where sleeves oppose each other. */
  readonly gross: number;
  /** What each sleeve that holds it brings: sleeve weight × weight in the sleeve. */
  readonly parts: readonly { readonly sleeve: string; readonly weight: number }[];
}
