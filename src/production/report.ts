import { basename, relative } from "@std/path";
import { writeFileAtomic } from "../base/atomic_file.ts";
import { sha256Hex } from "../base/hash.ts";
import type { SymbolHealth } from "../quant/health/symbol_health.ts";
import type { Panel } from "../quant/panel.ts";
import type { WalkForwardWindow } from "../quant/walk_forward/walk_forward_windows.ts";
import {
  type RegimeReport,
  renderHtml,
  renderJson,
  renderMarkdown,
  type ReportModel,
} from "../report/mod.ts";
import type { ProductionContext } from "./context.ts";
import { cutSplits } from "./plan.ts";
import { artifactsSoFar } from "./report_parts/artifacts_so_far.ts";
import { clustersReport } from "./report_parts/clusters_report.ts";
import type { SelectedWindows } from "./selection.ts";
import { selectionReports } from "./selection_report.ts";
import { equalWeightReturns } from "./tasks/benchmark.ts";
import type { CrossValidated } from "./tasks/test_paths.ts";
import { completeColumns } from "./tasks/train_split.ts";
import { drawCharts } from "./tasks/draw_charts.ts";
import { type CandidateResult, type ReportInputs, reportModel } from "./tasks/report_model.ts";

/** What the report is about. */
export interface ReportedRun {
  readonly windows: readonly WalkForwardWindow[];
  readonly health: readonly SymbolHealth[];
  readonly panel: Panel;
  readonly candidates: readonly CandidateResult[];
  /** None where nobody asked for a cross-validation. */
  readonly crossValidated: readonly CrossValidated[];
  readonly decisions: SelectedWindows["decisions"];
  /** One a window. */
  readonly regimes: readonly RegimeReport[];
  readonly periodsPerYear: number;
}

/** Writes metrics.json and the report as HTML, Markdown and JSON into the run's folder. */
export function report(context: ProductionContext, reported: ReportedRun): Promise<ReportModel> {
  const { stages, trail, run } = context;
  return stages.run("report", undefined, () =>
    trail.record({
      step: "report",
      context: {},
      inputs: { returns: reported.candidates.map(({ summary }) => summary.returns.sha256) },
      run: () => writeReport(context, reported),
      outputs: ({ html }) => ({ html: sha256Hex(html) }),
    }), () => run.reportHtml).then(({ model }) => model);
}

async function writeReport(
  { config, source, run, trail, clock }: ProductionContext,
  reported: ReportedRun,
): Promise<{ model: ReportModel; html: string }> {
  const { windows, health, panel, candidates, decisions, regimes, periodsPerYear } = reported;
  const { timestampsS, symbols } = panel;
  const firstRow = windows[0].testFrom;
  const inputs: ReportInputs = {
    config,
    source: { name: basename(source.path), sha256: source.sha256 },
    symbols,
    periodsPerYear,
    fromS: timestampsS[0],
    toS: timestampsS[timestampsS.length - 1],
    testStartsS: windows.map(({ testFrom }) => timestampsS[testFrom]),
    health,
    benchmark: {
      timestampsS: timestampsS.slice(firstRow),
      returns: equalWeightReturns(panel, firstRow),
    },
    candidates,
    regimes,
    crossValidation: {
      results: reported.crossValidated,
      splits: cutSplits(timestampsS.length, config)?.splits.length ?? 0,
      symbols: completeColumns(panel).length,
    },
    clusters: clustersReport(
      panel,
      windows[windows.length - 1],
      config.risk,
      candidates.flatMap(({ weights }) => weights),
    ),
    selections: selectionReports(decisions, panel, relative(run.path, run.selectionAudit)),
  };
  const charts = await drawCharts(inputs);
  const createdAt = new Date(clock.nowMs()).toISOString();
  const model = await reportModel(inputs, {
    runId: run.runId,
    artifacts: artifactsSoFar(),
    createdAt,
    ledgerHash: trail.headHash,
  });
  const metrics = model.candidates.map((
    { selection, engine, profile, rebalance, simulator, metrics },
  ) => ({ selection, engine, profile, rebalance, simulator, ...metrics }));
  const html = renderHtml(model, charts);
  await writeFileAtomic(run.metrics, `${JSON.stringify(metrics, null, 2)}\n`);
  await writeFileAtomic(run.regimes, `${JSON.stringify(inputs.regimes, null, 2)}\n`);
  if (model.crossValidation !== null) {
    await writeFileAtomic(
      run.crossValidation,
      `${JSON.stringify(model.crossValidation, null, 2)}\n`,
    );
  }
  await writeFileAtomic(run.reportJson, renderJson(model));
  await writeFileAtomic(run.reportMarkdown, renderMarkdown(model));
  await writeFileAtomic(run.reportHtml, html);
  return { model, html };
}
