import { writeFileAtomic } from "../../base/atomic_file.ts";
import { sha256Hex } from "../../base/hash.ts";
import { readTextIfThere } from "../../base/if_there.ts";
import { numbersOf } from "../../lakehouse/columns.ts";
import { readColumns } from "../../lakehouse/parquet/parquet_file.ts";
import type { WalkForwardWindow } from "../../quant/walk_forward/walk_forward_windows.ts";
import {
  renderCharts,
  renderHtml,
  renderJson,
  renderMarkdown,
  type ReportModel,
  type SleeveReport,
} from "../../report/mod.ts";
import { RunFolder } from "../run_folder.ts";
import { artifactPath } from "../tasks/artifact_store.ts";
import type { MetaResult } from "./backtest.ts";
import type { CurrentPortfolio } from "./holdings.ts";
import type { JoinedReturns } from "./join.ts";
import type { MetaContext } from "./meta_context.ts";
import { runStage } from "./meta_event.ts";
import { artifactsSoFar } from "../report_parts/artifacts_so_far.ts";
import { metaReportModel } from "./meta_report_model.ts";
import type { NestedReports } from "./sleeves_report.ts";
import type { PlannedMeta } from "./plan_meta.ts";
import type { SleeveResults } from "./run_sleeves.ts";

/** What the report of a meta-portfolio is about. */
export interface ReportedMeta {
  readonly planned: PlannedMeta;
  readonly sleeves: SleeveResults;
  readonly joined: JoinedReturns;
  readonly windows: readonly WalkForwardWindow[];
  readonly results: readonly MetaResult[];
  readonly portfolios: readonly CurrentPortfolio[];
}

/** Writes metrics.json and the report as HTML, Markdown and JSON into the run's folder. */
export function reportMeta(context: MetaContext, reported: ReportedMeta): Promise<ReportModel> {
  const { trail, run, clock, onEvent } = context;
  const record = () =>
    trail.record({
      step: "report",
      context: {},
      inputs: { returns: reported.results.map(({ summary }) => summary.returns.sha256) },
      run: () => writeReport(context, reported),
      outputs: ({ html }) => ({ html: sha256Hex(html) }),
    });
  return runStage(clock, onEvent, "report", record, () => run.reportHtml)
    .then(({ model }) => model);
}

async function writeReport(
  { folders, run, trail, clock }: MetaContext,
  reported: ReportedMeta,
): Promise<{ model: ReportModel; html: string }> {
  const returns = await readReturns(reported.results);
  const model = metaReportModel(reported, returns, readNestedReports(folders, reported), {
    runId: run.runId,
    artifacts: artifactsSoFar(),
    createdAt: new Date(clock.nowMs()).toISOString(),
    ledgerHash: trail.headHash,
  });
  const metrics = model.candidates.map(({ profile, metrics }) => ({ profile, ...metrics }));
  const html = renderHtml(model, await renderCharts(model));
  await writeFileAtomic(run.metrics, `${JSON.stringify(metrics, null, 2)}\n`);
  await writeFileAtomic(run.reportJson, renderJson(model));
  await writeFileAtomic(run.reportMarkdown, renderMarkdown(model));
  await writeFileAtomic(run.reportHtml, html);
  return { model, html };
}

async function readReturns(results: readonly MetaResult[]): Promise<Float64Array[]> {
  return await Promise.all(results.map(async ({ summary }) => {
    const columns = await readColumns(artifactPath(summary.storeDir, summary.returns));
    return numbersOf(columns, "return");
  }));
}

/** What the reports of nested meta-portfolios say of their sleeves. */
function readNestedReports(
  folders: MetaContext["folders"],
  { planned }: ReportedMeta,
): NestedReports {
  const nested = new Map<string, readonly SleeveReport[]>();
  for (const sleeve of planned.sleeves) {
    if (sleeve.type !== "meta") continue;
    const { runId } = sleeve.nested;
    const text = readTextIfThere(new RunFolder(folders, runId).reportJson);
    if (text === undefined) continue;
    const { sleeves }: Pick<ReportModel, "sleeves"> = JSON.parse(text);
    nested.set(runId, sleeves?.sleeves ?? []);
  }
  return nested;
}
