import { canonicalJson } from "../base/canonical_json.ts";
import { sha256Hex } from "../base/hash.ts";
import { type Flow, flow, shared } from "../flow/mod.ts";
import type { ProductionConfig } from "../manifest/config.ts";
import { barSecondsOf } from "../quant/calendars/bar_seconds.ts";
import { periodsPerYear } from "../quant/calendars/periods_per_year.ts";
import type { ReportModel } from "../report/mod.ts";
import { audit } from "./audit.ts";
import { backtest } from "./backtest.ts";
import { cluster } from "./clustering.ts";
import type { ProductionContext } from "./context.ts";
import { crossValidate } from "./cross_validation.ts";
import { discover } from "./discovery.ts";
import { fetch } from "./fetch.ts";
import { readMarketBars } from "./market_bars.ts";
import { optimise } from "./optimise.ts";
import { cutWindows } from "./plan.ts";
import { report } from "./report.ts";
import { regimeReports } from "./report_parts/regime_reports.ts";
import { computeReturns } from "./returns.ts";
import { select } from "./selection.ts";
import type { CrossValidated } from "./tasks/test_paths.ts";
import { type CandidateResult, reportedMetrics } from "./tasks/report_model.ts";

/** What a production run comes to. */
export interface ProductionResult {
  readonly model: ReportModel;
  /** SHA-256 over the metrics, the weights and the returns of all candidates: equal for equal results. */
  readonly resultHash: string;
}

/** The name under which production runs are stored. */
export const PRODUCTION_FLOW = "production";

/** The production flow, from prices to the report. It reads the lakehouse and never writes it after `fetch`. */
export function productionFlow(
  context: ProductionContext,
): Flow<[ProductionConfig], ProductionResult> {
  return flow(PRODUCTION_FLOW, async (config: ProductionConfig): Promise<ProductionResult> => {
    const { health, matrix } = await readData(context);
    const { panel } = matrix;
    const returns = shared(panel);
    const bars = await readMarketBars(context, panel);
    const windows = cutWindows(panel.timestampsS.length, config);
    const yearly = periodsPerYear(matrix.calendar, barSecondsOf(panel.timestampsS));
    const { universes, decisions } = await select(
      context,
      windows,
      returns,
      yearly,
      matrix.calendar,
    );
    const clusters = await cluster(context, windows, universes, returns);
    const [allocated, regimes] = await Promise.all([
      optimise(context, windows, universes, clusters, returns, yearly),
      regimeReports(context, returns, windows, yearly),
    ]);
    const results = await backtest(context, allocated, {
      returns,
      bars,
      periodsPerYear: yearly,
      calendar: matrix.calendar,
    });
    const crossValidated = await crossValidate(context, returns, yearly);
    const model = await report(context, {
      windows,
      health,
      panel,
      candidates: results,
      crossValidated,
      decisions,
      regimes,
      periodsPerYear: yearly,
    });
    return { model, resultHash: hashResults(results, crossValidated) };
  });
}

/** From the candidates to their returns: the part that writes the lakehouse and reads it. */
async function readData(context: ProductionContext) {
  const read = async () => {
    const candidates = await discover(context);
    await fetch(context, candidates);
    const { calendar, health, usable } = await audit(context, candidates);
    return { health, matrix: await computeReturns(context, usable, calendar) };
  };
  return await (context.lakehouseTurn?.take(read) ?? read());
}

function hashResults(
  results: readonly CandidateResult[],
  crossValidated: readonly CrossValidated[],
): string {
  const paths = crossValidated.map(({ summary }) => summary.returns.sha256);
  return sha256Hex(
    canonicalJson([
      ...paths,
      ...results.map(({ summary, weights, remarks, ...candidate }) => ({
        ...candidate,
        remarks,
        metrics: reportedMetrics(summary.metrics),
        returns: summary.returns.sha256,
        weights: weights.map((row) =>
          sha256Hex(new Uint8Array(row.buffer, row.byteOffset, row.byteLength))
        ),
      })),
    ]),
  );
}
