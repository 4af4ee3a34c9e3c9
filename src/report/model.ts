/** All that a report shows, in the shape of its JSON file; HTML and Markdown are drawn from this alone. */
export interface ReportModel {
  readonly runId: string;
  readonly title: string;
  /** Shown as a banner: for instance that the prices are synthetic. */
  readonly notices: readonly string[];
  readonly createdAt: string;
  readonly prices: {
    readonly source: string;
    readonly sha256: string;
    readonly symbols: number;
    readonly from: string;
    readonly to: string;
  };
  readonly parameters: readonly { readonly name: string; readonly value: string }[];
  /** One per engine × simulator × profile, in the order of the manifest. */
  readonly candidates: readonly CandidateReport[];
  readonly windows: {
    readonly count: number;
    readonly train: number;
    readonly test: number;
    readonly step: number;
    readonly firstTestDay: string;
    readonly lastTestDay: string;
  };
  readonly health: readonly {
    readonly symbol: string;
    readonly status: string;
    readonly reasons: readonly string[];
  }[];
  readonly ledgerHash: string;
}

/** What came of one engine × simulator × profile, out of sample. */
export interface CandidateReport {
  readonly engine: string;
  readonly simulator: string;
  readonly profile: string;
  /** By the names of the metrics (src/quant/metrics) in snake_case; NaN is `null`. */
  readonly metrics: Readonly<Record<string, number | string | null>>;
  /** T out-of-sample bars: seconds since the epoch, and simple returns after costs. */
  readonly timestampsS: readonly number[];
  readonly returns: readonly number[];
  /** Target weights at each window's start: one row a window, one column a symbol. */
  readonly weights: {
    readonly testStartsS: readonly number[];
    readonly symbols: readonly string[];
    readonly rows: readonly (readonly number[])[];
  };
  /** Windows whose problem had to be relaxed, and how; or that found no solution. */
  readonly remarks: readonly string[];
}
