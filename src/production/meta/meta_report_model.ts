import { panelHash } from "../../lakehouse/parquet/panel_parquet.ts";
import { METRICS } from "../../quant/metrics/metric_descriptors.ts";
import { sharpe } from "../../quant/metrics/risk_adjusted.ts";
import { deflatedSharpe } from "../../quant/metrics/sharpe_inference.ts";
import type { MetaConfig } from "../../manifest/meta_config.ts";
import { type CandidateReport, REPORT_SCHEMA, type ReportModel } from "../../report/mod.ts";
import { attributionReport, tradingReport } from "../report_parts/activity_reports.ts";
import { drawdownReports } from "../report_parts/drawdown_reports.ts";
import { gateReports } from "../report_parts/gate_reports.ts";
import { isoDay } from "../report_parts/iso_day.ts";
import { equalWeightReturns } from "../tasks/benchmark.ts";
import { reportedMetrics, type ReportIdentity } from "../tasks/report_model.ts";
import { ANY } from "../grid.ts";
import { META_SIMULATOR } from "./backtest.ts";
import { contributorsReports, type NestedReports, sleevesReport } from "./sleeves_report.ts";
import { type PlannedMeta, plannedRuns } from "./plan_meta.ts";
import type { ReportedMeta } from "./report.ts";
import { META_ENGINE } from "./weights.ts";

/** Puts the report of a meta-portfolio together: what production reports of assets is here of sleeves.
 * @param returns of the results, in their order
 * @param nested the reports of sleeves that are meta-portfolios themselves, by their run */
export function metaReportModel(
  reported: ReportedMeta,
  returns: readonly Float64Array[],
  nested: NestedReports,
  identity: ReportIdentity,
): ReportModel {
  const { planned, joined, windows } = reported;
  const { config } = planned;
  const { value: panel } = joined.returns;
  const { timestampsS } = panel;
  const firstRow = windows[0].testFrom;
  const lastDay = isoDay(timestampsS[timestampsS.length - 1]);
  return {
    schema: REPORT_SCHEMA,
    ...identity,
    title: config.title,
    notices: noticesOf(reported),
    prices: {
      source: `returns of the sleeves ${panel.symbols.join(", ")}, joined by day`,
      sha256: panelHash(panel),
      symbols: panel.symbols.length,
      from: isoDay(timestampsS[0]),
      to: lastDay,
    },
    periodsPerYear: joined.periodsPerYear,
    parameters: parametersOf(config),
    metricDescriptors: METRICS.map(({ name, label, unit, higherIsBetter, formula }) => ({
      name,
      label,
      unit,
      higherIsBetter,
      formula,
    })),
    rankingMetric: "sharpe",
    benchmark: {
      label: "Sleeves in equal parts",
      timestampsS: [...timestampsS.subarray(firstRow)],
      returns: [...equalWeightReturns(panel, firstRow)],
    },
    candidates: candidateReports(reported, returns),
    windows: {
      count: windows.length,
      train: config.meta.train,
      test: config.meta.step,
      step: config.meta.step,
      firstTestDay: isoDay(timestampsS[firstRow]),
      lastTestDay: lastDay,
    },
    selections: [],
    health: [],
    regimes: null,
    clusters: null,
    crossValidation: null,
    sleeves: sleevesReport(reported, nested),
    contributors: contributorsReports(reported.portfolios),
  };
}

function noticesOf({ planned, sleeves }: ReportedMeta): string[] {
  const synthetic = syntheticRuns(planned);
  return [
    ...synthetic.length === 0
      ? []
      : [`Prices are synthetic, invented by a seeded generator: ${synthetic.join(", ")}.`],
    ...sleeves.failed.map(({ sleeve, reason }) =>
      `The portfolio goes on without sleeve ${sleeve.path}, which failed: ${reason}`
    ),
  ];
}

function syntheticRuns(planned: PlannedMeta): string[] {
  return plannedRuns(planned).filter(({ config }) => config.synthetic)
    .map(({ path, config }) => `sleeve ${path} (${config.profileName})`);
}

function candidateReports(
  { results, joined, windows, planned: { config } }: ReportedMeta,
  returns: readonly Float64Array[],
): CandidateReport[] {
  const { rebalance } = config.meta;
  const { timestampsS, symbols } = joined.returns.value;
  const trialSharpes = Float64Array.from(returns, (values) => sharpe(values, 1));
  const testDaysS = [...timestampsS.subarray(windows[0].testFrom)];
  return results.map(({ profile, summary, weights, remarks }, i) => {
    const metrics = {
      ...summary.metrics,
      deflated_sharpe: deflatedSharpe(returns[i], trialSharpes),
    };
    return {
      selection: ANY,
      engine: META_ENGINE,
      profile,
      rebalance,
      simulator: META_SIMULATOR,
      metrics: reportedMetrics(metrics),
      timestampsS: testDaysS,
      returns: [...returns[i]],
      weights: {
        testStartsS: windows.map(({ testFrom }) => timestampsS[testFrom]),
        symbols,
        rows: weights.map((row) => [...row]),
      },
      gates: gateReports(metrics, { ...config.gates }),
      drawdowns: drawdownReports(returns[i], testDaysS),
      attribution: attributionReport(summary.activity, symbols),
      trading: tradingReport(summary.activity, summary.rebalances),
      remarks,
    };
  });
}

function parametersOf({ meta, gates, sleeves }: MetaConfig): { name: string; value: string }[] {
  const ofMeta = Object.entries(meta).map(([key, value]) => ({
    name: `meta.${key}`,
    value: Array.isArray(value) ? value.join(", ") : String(value),
  }));
  const ofSleeves = sleeves.map((sleeve) => {
    const source = sleeve.type === "meta"
      ? `meta profile ${sleeve.nested.metaProfileName}`
      : `profile ${sleeve.production.profileName}`;
    const chosen = Object.entries(sleeve.candidate).map(([key, value]) => `${key} ${value}`);
    return { name: `sleeves.${sleeve.id}`, value: [source, ...chosen].join(", ") };
  });
  const ofGates = Object.entries(gates).map(([key, value]) => ({
    name: `gates.${key}`,
    value: String(value),
  }));
  return [...ofMeta, ...ofGates, ...ofSleeves];
}
