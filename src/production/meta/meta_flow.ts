import { canonicalJson } from "../../base/canonical_json.ts";
import { sha256Hex } from "../../base/hash.ts";
import { type Flow, flow } from "../../flow/mod.ts";
import type { MetaConfig } from "../../manifest/meta_config.ts";
import type { ReportModel } from "../../report/mod.ts";
import { reportedMetrics } from "../tasks/report_model.ts";
import { backtest, type MetaResult } from "./backtest.ts";
import { type CurrentPortfolio, lookThrough } from "./holdings.ts";
import { join } from "./join.ts";
import type { MetaContext } from "./meta_context.ts";
import { reportMeta } from "./report.ts";
import type { PlannedMeta, PlannedSleeve } from "./plan_meta.ts";
import { runSleeves, type SleeveResults } from "./run_sleeves.ts";
import { showResults } from "./show_results.ts";
import { cutMetaWindows, weigh } from "./weights.ts";

/** What a meta-portfolio comes to. */
export interface MetaOutcome {
  readonly model: ReportModel;
  readonly sleeves: SleeveResults;
  readonly portfolios: readonly CurrentPortfolio[];
  /** SHA-256 over metrics, weights, returns and current portfolios: equal for equal results. */
  readonly resultHash: string;
}

/** The name under which meta-portfolios are stored. */
export const META_FLOW = "meta";

/** The flow of a meta-portfolio, from its sleeves to the report.
 * @param execute runs what a sleeve is taken from */
export function metaFlow(
  context: MetaContext,
  planned: PlannedMeta,
  execute: (sleeve: PlannedSleeve) => Promise<void>,
): Flow<[MetaConfig], MetaOutcome> {
  return flow(META_FLOW, async (config: MetaConfig): Promise<MetaOutcome> => {
    const sleeves = await runSleeves(context, planned.sleeves, execute);
    const { outcomes } = sleeves;
    const joined = await join(context, outcomes);
    const windows = cutMetaWindows(joined.returns.value.timestampsS.length, config);
    const allocated = await weigh(context, windows, joined);
    const results = await backtest(context, allocated, joined);
    const portfolios = await lookThrough(context, outcomes, windows, results, joined);
    const model = await reportMeta(context, {
      planned,
      sleeves,
      joined,
      windows,
      results,
      portfolios,
    });
    showResults(outcomes, joined, portfolios, context.run.reportHtml);
    return { model, sleeves, portfolios, resultHash: hashResults(results, portfolios) };
  });
}

function hashResults(
  results: readonly MetaResult[],
  portfolios: readonly CurrentPortfolio[],
): string {
  return sha256Hex(canonicalJson({
    results: results.map(({ profile, summary, weights, remarks }) => ({
      profile,
      remarks,
      metrics: reportedMetrics(summary.metrics),
      returns: summary.returns.sha256,
      weights: weights.map((row) => [...row]),
    })),
    portfolios: portfolios.map(({ profile, atS, flat }) => ({
      profile,
      atS,
      assets: flat.assets.map(({ symbol, net, gross }) => [symbol, net, gross]),
    })),
  }));
}
