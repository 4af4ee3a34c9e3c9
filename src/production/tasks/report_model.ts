import { basename } from "@std/path";
import { numbersOf } from "../../lakehouse/columns.ts";
import { readColumns } from "../../lakehouse/parquet/parquet_file.ts";
import type { ProductionConfig } from "../../manifest/config.ts";
import type { SymbolHealth } from "../../quant/health/symbol_health.ts";
import { METRICS } from "../../quant/metrics/metric_descriptors.ts";
import { sharpe } from "../../quant/metrics/risk_adjusted.ts";
import { deflatedSharpe } from "../../quant/metrics/sharpe_inference.ts";
import {
  type ArtifactReport,
  type CandidateReport,
  type ClustersReport,
  type RegimeReport,
  REPORT_SCHEMA,
  type ReportModel,
  type SelectionReport,
} from "../../report/mod.ts";
import type { Candidate } from "../grid.ts";
import { ownDescriptors } from "../own/load_own.ts";
import { drawdownReports } from "../report_parts/drawdown_reports.ts";
import { attributionReport, tradingReport } from "../report_parts/activity_reports.ts";
import { crossValidationReport } from "../report_parts/cross_validation_report.ts";
import { gateReports } from "../report_parts/gate_reports.ts";
import { isoDay } from "../report_parts/iso_day.ts";
import { artifactPath } from "./artifact_store.ts";
import type { CrossValidated } from "./test_paths.ts";
import type { BacktestSummary } from "./backtest_candidate.ts";

/** A candidate of the grid with what is known of it. */
export interface CandidateResult extends Candidate {
  readonly summary: BacktestSummary;
  /** Target weights, one row a window, over the symbols of the returns. */
  readonly weights: readonly Float64Array[];
  readonly remarks: readonly string[];
}

/** All that a report is made of, but for what differs between runs of the same results. */
export interface ReportInputs {
  readonly config: ProductionConfig;
  readonly source: { readonly name: string; readonly sha256: string };
  readonly symbols: readonly string[];
  readonly periodsPerYear: number;
  /** Of the returns: first and last row. */
  readonly fromS: number;
  readonly toS: number;
  /** Seconds since the Unix epoch, one a window. */
  readonly testStartsS: readonly number[];
  readonly health: readonly SymbolHealth[];
  /** Equally weighted candidates, from the first test row on. */
  readonly benchmark: { readonly timestampsS: Float64Array; readonly returns: Float64Array };
  readonly candidates: readonly CandidateResult[];
  /** One a mode that chose. */
  readonly selections: readonly SelectionReport[];
  /** One a window. */
  readonly regimes: readonly RegimeReport[];
  /** Of a cross-validation; none where nobody asked. */
  readonly crossValidation: {
    readonly results: readonly CrossValidated[];
    readonly splits: number;
    /** That could be held. */
    readonly symbols: number;
  };
  /** Of the last window; null for fewer than two symbols. */
  readonly clusters: ClustersReport | null;
}

/** What differs between runs of the same results. */
export interface ReportIdentity {
  /** What tasks of the run left to look at. */
  readonly artifacts: readonly ArtifactReport[];
  readonly runId: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** The newest hash of the ledger when the report was made. */
  readonly ledgerHash: string;
}

/** Puts a report together; reads the returns of the candidates from the store. */
export async function reportModel(
  inputs: ReportInputs,
  identity: ReportIdentity,
): Promise<ReportModel> {
  const { config, source, symbols, testStartsS, benchmark } = inputs;
  const { train, test, step } = config.backtest;
  const candidates = await candidateReports(inputs);
  const { crossValidation: { results, splits, symbols: complete } } = inputs;
  return {
    schema: REPORT_SCHEMA,
    ...identity,
    title: config.title,
    notices: config.synthetic
      ? ["The prices of this run are synthetic: invented by a seeded generator."]
      : [],
    prices: {
      source: source.name,
      sha256: source.sha256,
      symbols: symbols.length,
      from: isoDay(inputs.fromS),
      to: isoDay(inputs.toS),
    },
    periodsPerYear: inputs.periodsPerYear,
    parameters: parameters(config),
    metricDescriptors: [...METRICS, ...await ownDescriptors(config.own)].map((
      { name, label, unit, higherIsBetter, formula },
    ) => ({
      name,
      label,
      unit,
      higherIsBetter,
      formula,
    })),
    rankingMetric: "sharpe",
    benchmark: {
      label: "Benchmark, 1/N",
      timestampsS: [...benchmark.timestampsS],
      returns: [...benchmark.returns],
    },
    candidates,
    windows: {
      count: testStartsS.length,
      train,
      test,
      step,
      firstTestDay: isoDay(testStartsS[0]),
      lastTestDay: isoDay(inputs.toS),
    },
    selections: inputs.selections,
    health: inputs.health.map(({ symbol, status, reasons }) => ({ symbol, status, reasons })),
    regimes: inputs.regimes,
    clusters: inputs.clusters,
    crossValidation: crossValidationReport(
      config,
      results,
      splits,
      complete,
      candidates.map(({ returns }) => Float64Array.from(returns)),
    ),
    sleeves: null,
    contributors: [],
  };
}

async function candidateReports(inputs: ReportInputs): Promise<CandidateReport[]> {
  const series = await Promise.all(
    inputs.candidates.map(({ summary }) =>
      readColumns(artifactPath(summary.storeDir, summary.returns))
    ),
  );
  const returns = series.map((columns) => numbersOf(columns, "return"));
  // Every candidate of the run is a trial: the best of many looks better than it is.
  const trialSharpes = Float64Array.from(returns, (values) => sharpe(values, 1));
  return inputs.candidates.map(({ summary, weights, remarks, ...candidate }, i) => {
    const timestampsS = [...numbersOf(series[i], "timestamp")];
    const metrics = {
      ...summary.metrics,
      deflated_sharpe: deflatedSharpe(returns[i], trialSharpes),
    };
    return {
      ...candidate,
      metrics: reportedMetrics(metrics),
      timestampsS,
      returns: [...returns[i]],
      weights: {
        testStartsS: inputs.testStartsS,
        symbols: inputs.symbols,
        rows: weights.map((row) => [...row]),
      },
      gates: gateReports(metrics, { ...inputs.config.gates }),
      drawdowns: drawdownReports(returns[i], timestampsS),
      attribution: attributionReport(summary.activity, inputs.symbols),
      trading: tradingReport(summary.activity, summary.rebalances),
      remarks,
    };
  });
}

/** Metrics as files show them: what does not exist is null, dates are days. */
export function reportedMetrics(
  metrics: Readonly<Record<string, number>>,
): Record<string, number | string | null> {
  const dates = new Set(METRICS.filter(({ unit }) => unit === "date").map(({ name }) => name));
  return Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => [
      name,
      Number.isNaN(value) ? null : dates.has(name) ? isoDay(value) : value,
    ]),
  );
}

function parameters(config: ProductionConfig): { name: string; value: string }[] {
  const { traded_values: traded, ...selection } = config.selection;
  // Folders differ between machines that have the same results.
  const files = traded === undefined ? {} : { traded_values: basename(traded) };
  const shown = { ...config, selection: { ...selection, ...files } };
  const sections = [
    "data",
    "selection",
    "synthesis",
    "risk",
    "backtest",
    "execution",
    "gates",
    "discovery",
  ] as const;
  return sections.flatMap((section) =>
    Object.entries(shown[section]).map(([key, value]) => ({
      name: `${section}.${key}`,
      value: parameterText(value),
    }))
  );
}

function parameterText(value: unknown): string {
  if (Array.isArray(value)) return value.map(parameterText).join(", ");
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value).map(([key, part]) => `${key} ${parameterText(part)}`).join(", ");
}
