import type { ArtifactReport } from "./artifacts.ts";
import type { AttributionReport } from "./attribution.ts";
import type { ClustersReport } from "./clusters.ts";
import type { CrossValidationReport } from "./cross_validation.ts";
import type { DrawdownReport } from "./drawdowns.ts";
import type { GateReport } from "./gates.ts";
import type { RegimeReport } from "./regimes.ts";
import type { SelectionReport } from "./selection.ts";
import type { ContributorsReport, SleevesReport } from "./sleeves.ts";
import type { TradingReport } from "./trading.ts";

/** The name of this model's form. */
export const REPORT_SCHEMA = "tradewind/report/3";

/** All that a report shows, in the shape of its JSON file; HTML and Markdown are drawn from this alone. */
export interface ReportModel {
  /** Of this model: a reader refuses one that it does not know. */
  readonly schema: typeof REPORT_SCHEMA;
  /** Letters, digits, `_` and `-`. */
  readonly runId: string;
  /** What the run was about, as its heading. */
  readonly title: string;
  /** Shown as a banner: for instance that the prices are synthetic. */
  readonly notices: readonly string[];
  /** UTC, as `2026-11-24T05:23:00.000Z`. */
  readonly createdAt: string;
  /** Where the prices came from: a path or a table, the SHA-256 of its content, and its first and last day. */
  readonly prices: {
    readonly source: string;
    readonly sha256: string;
    readonly symbols: number;
    readonly from: string;
    readonly to: string;
  };
  /** Bars in a year by the calendar of the universe: 252, 365, or more for intraday bars. */
  readonly periodsPerYear: number;
  /** What the user set, or the defaults filled in, as text. */
  readonly parameters: readonly { readonly name: string; readonly value: string }[];
  /** What the keys of a candidate's metrics mean, in the order in which tables show them. */
  readonly metricDescriptors: readonly MetricDescriptor[];
  /** The name of the metric whose best candidate leads the report. */
  readonly rankingMetric: string;
  /** Drawn beside the candidates; `null` when the run has none. */
  readonly benchmark: BenchmarkReport | null;
  /** One per selection × engine × profile × rebalance × simulator, in the order of the manifest. */
  readonly candidates: readonly CandidateReport[];
  /** How the walk-forward was cut: lengths in bars, days as `YYYY-MM-DD`. */
  readonly windows: {
    readonly count: number;
    readonly train: number;
    readonly test: number;
    readonly step: number;
    readonly firstTestDay: string;
    readonly lastTestDay: string;
  };
  /** What the audit found of each symbol; a status that begins with `OK` and has no reasons is healthy. */
  readonly health: readonly {
    readonly symbol: string;
    readonly status: string;
    readonly reasons: readonly string[];
  }[];
  /** One a mode of selection that chose; none where all symbols were taken. */
  readonly selections: readonly SelectionReport[];
  /** One a window; null where nobody read the market. */
  readonly regimes: readonly RegimeReport[] | null;
  /** Null where assets were not clustered. */
  readonly clusters: ClustersReport | null;
  /** Null where nobody asked for it. */
  readonly crossValidation: CrossValidationReport | null;
  /** Null but for a meta-portfolio. */
  readonly sleeves: SleevesReport | null;
  /** One a candidate of a meta-portfolio whose sleeves can be seen through; empty for others. */
  readonly contributors: readonly ContributorsReport[];
  /** What the run and its tasks left to look at. */
  readonly artifacts: readonly ArtifactReport[];
  /** The hash of the last record of the run's audit ledger. */
  readonly ledgerHash: string;
}

/** How one metric is called, written and judged. */
export interface MetricDescriptor {
  /** The key in {@linkcode CandidateReport.metrics}, snake_case. */
  readonly name: string;
  /** What a heading calls it. */
  readonly label: string;
  /** `percent`: a fraction (0.01 is 1 %); `date`: the index of one of the candidate's bars, or `YYYY-MM-DD`. */
  readonly unit: "percent" | "ratio" | "count" | "date";
  /** `null` where neither end of the scale is better. */
  readonly higherIsBetter: boolean | null;
  /** How it is computed, in one line, for the report's glossary. */
  readonly formula?: string;
}

/** A reference series over the same days as the candidates. */
export interface BenchmarkReport {
  /** What the legend calls it. */
  readonly label: string;
  /** T bars: seconds since the epoch. */
  readonly timestampsS: readonly number[];
  /** T simple returns, as fractions. */
  readonly returns: readonly number[];
}

/** What came of one selection × engine × profile × rebalance × simulator, out of sample. */
export interface CandidateReport {
  /** How symbols were chosen; `any` where it does not matter. */
  readonly selection: string;
  /** When holdings went back to their weights within a test. */
  readonly rebalance: string;
  /** The family of estimators and constraints that found the weights; `any` where it does not matter. */
  readonly engine: string;
  /** What turned weights into returns. */
  readonly simulator: string;
  /** The objective. */
  readonly profile: string;
  /** By the names of the metrics (src/quant/metrics) in snake_case; NaN is `null`. */
  readonly metrics: Readonly<Record<string, number | string | null>>;
  /** T out-of-sample bars: seconds since the epoch. */
  readonly timestampsS: readonly number[];
  /** T simple returns after costs, as fractions. */
  readonly returns: readonly number[];
  /** Target weights at each window's start: one row a window, one column a symbol. */
  readonly weights: {
    readonly testStartsS: readonly number[];
    readonly symbols: readonly string[];
    readonly rows: readonly (readonly number[])[];
  };
  /** What the candidate gates say, in their order; empty where none was held to it. */
  readonly gates: readonly GateReport[];
  /** The deepest drawdowns, deepest first. */
  readonly drawdowns: readonly DrawdownReport[];
  /** Null where the returns of what was held are not known. */
  readonly attribution: AttributionReport | null;
  /** Null where trades are not known. */
  readonly trading: TradingReport | null;
  /** Windows whose problem had to be relaxed, and how; or that found no solution. */
  readonly remarks: readonly string[];
}
