import { sampleCovariance } from "../../quant/estimators/sample_covariance.ts";
import { contributed } from "../../quant/meta/flatten_sleeves.ts";
import { computeMetrics } from "../../quant/metrics/compute_metrics.ts";
import type { Panel } from "../../quant/panel.ts";
import type { ContributorsReport, SleeveReport, SleevesReport } from "../../report/mod.ts";
import { ANY } from "../grid.ts";
import { isoDay } from "../report_parts/iso_day.ts";
import { equalWeightReturns } from "../tasks/benchmark.ts";
import { reportedMetrics } from "../tasks/report_model.ts";
import type { CurrentPortfolio } from "./holdings.ts";
import type { PlannedSleeve } from "./plan_meta.ts";
import type { ReportedMeta } from "./report.ts";
import { runIdOf } from "./run_sleeves.ts";
import { META_ENGINE } from "./weights.ts";

/** What the reports of nested meta-portfolios say of their sleeves, by their run. */
export type NestedReports = ReadonlyMap<string, readonly SleeveReport[]>;

/** What a report says of the sleeves; those of nested meta-portfolios follow theirs. */
export function sleevesReport(reported: ReportedMeta, nested: NestedReports): SleevesReport {
  const { planned, sleeves, joined } = reported;
  const { timestampsS } = joined.returns.value;
  return {
    sleeves: planned.sleeves.flatMap((sleeve) => {
      const inner = sleeve.type === "meta" ? nested.get(sleeve.nested.runId) ?? [] : [];
      return [
        sleeveReport(reported, sleeve),
        ...inner.map((one) => ({ ...one, depth: one.depth + 1, timestampsS: [], returns: [] })),
      ];
    }),
    joined: {
      from: isoDay(timestampsS[0]),
      to: isoDay(timestampsS[timestampsS.length - 1]),
      days: timestampsS.length,
      compoundedDays: joined.compoundedDays,
      outsideDays: joined.outsideDays,
    },
    correlations: correlations(joined.returns.value),
    warnings: [
      ...sleeves.failed.map(({ sleeve, reason }) => `Sleeve ${sleeve.id} failed: ${reason}`),
      ...joined.warnings,
    ],
  };
}

/** What each profile holds in the end, sleeves seen through. */
export function contributorsReports(
  portfolios: readonly CurrentPortfolio[],
): ContributorsReport[] {
  return portfolios.map(({ profile, flat }) => ({
    engine: META_ENGINE,
    profile,
    gross: flat.gross,
    net: flat.net,
    assets: flat.assets.map(({ symbol, net, gross, contributors }) => ({
      symbol,
      net,
      gross,
      parts: contributors.map((part) => ({ sleeve: part.path, weight: contributed(part) })),
    })).sort((a, b) => Math.abs(b.net) - Math.abs(a.net)),
  }));
}

function sleeveReport(
  { sleeves, joined, windows, planned }: ReportedMeta,
  sleeve: PlannedSleeve,
): SleeveReport {
  const outcome = sleeves.outcomes.find(({ id }) => id === sleeve.id);
  const common = {
    id: sleeve.id,
    depth: 1,
    kind: sleeve.type === "meta" ? "meta" as const : "production" as const,
    profile: sleeve.type === "meta"
      ? sleeve.nested.config.metaProfileName
      : sleeve.run.config.profileName,
  };
  if (outcome === undefined) {
    const nothing = { runId: null, candidate: null, ledgerHash: null, metrics: {} };
    return { ...common, ...nothing, timestampsS: [], returns: [] };
  }
  const { value: panel } = joined.returns;
  const firstRow = windows[0].testFrom;
  const returns = columnFrom(panel, panel.symbols.indexOf(sleeve.id), firstRow);
  const timestampsS = [...panel.timestampsS.subarray(firstRow)];
  const { periodsPerYear } = joined;
  const metrics = computeMetrics(returns, {
    periodsPerYear,
    riskFreeRate: planned.config.meta.risk_free_rate,
    benchmark: equalWeightReturns(panel, firstRow),
  });
  const { profile, selection, engine, rebalance, simulator } = outcome.candidate;
  return {
    ...common,
    runId: runIdOf(sleeve),
    candidate: [profile, selection, engine, rebalance, simulator].filter((part) => part !== ANY)
      .join(" · "),
    ledgerHash: outcome.ledgerHash,
    metrics: reportedMetrics(datedMetrics(metrics, timestampsS)),
    timestampsS,
    returns: [...returns],
  };
}

const DATES = ["max_drawdown_start", "max_drawdown_trough", "max_drawdown_recovery"] as const;

/** Bars become the times that reports show. */
function datedMetrics(
  metrics: Readonly<Record<string, number>>,
  timestampsS: readonly number[],
): Record<string, number> {
  const dates = DATES.map((name) => [name, timestampsS[metrics[name]] ?? NaN] as const);
  return { ...metrics, ...Object.fromEntries(dates) };
}

function columnFrom({ symbols, values }: Panel, column: number, fromRow: number): Float64Array {
  const N = symbols.length;
  return Float64Array.from(
    { length: values.length / N - fromRow },
    (_, k) => values[(fromRow + k) * N + column],
  );
}

/** Of all joined rows; 0 with a sleeve that never moved. */
function correlations({ symbols, values }: Panel): number[][] {
  const N = symbols.length;
  const { data } = sampleCovariance({ values, T: values.length / N, N });
  const deviations = symbols.map((_, i) => Math.sqrt(data[i * N + i]));
  return symbols.map((_, i) =>
    symbols.map((_, j) => {
      const scale = deviations[i] * deviations[j];
      return i === j ? 1 : scale > 0 ? data[i * N + j] / scale : 0;
    })
  );
}
