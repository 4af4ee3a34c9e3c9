import type { ReportModel } from "../model/report_model.ts";
import { rankCandidates } from "../text/candidates.ts";
import { formatPercent } from "../text/format.ts";
import { clustersOption, heatPlace } from "./cluster_options.ts";
import { type Chart, drawTwice, type ECharts, WIDE } from "./draw.ts";
import { drawLines, linesOf, seriesOf, spansMagnitudes } from "./line_charts.ts";
import { type ChartLine, weightsChartOption } from "./line_options.ts";
import { areaColour, candidateLineStyle, SERIES_COLOURS } from "./palette.ts";
import { regimesOption, uneasyBands } from "./regime_options.ts";
import {
  type ChartPoint,
  drawdownPoints,
  rollingSharpePoints,
  rollingVolatilityPoints,
  wealthPoints,
} from "./series.ts";
import { heatTips } from "./heat_tips.ts";
import { tipLayer } from "./tips.ts";
import { drawAllWeights, type WeightsChart } from "./weights_charts.ts";

/** All charts of a report: plain data, so that it can be cached. A chart is `null` where there is nothing to draw. */
export interface Charts {
  readonly equity: Chart & { readonly logarithmic: boolean } | null;
  readonly drawdowns: Chart | null;
  /** Of the last year; `null` when no series is longer. */
  readonly rollingSharpe: Chart | null;
  readonly rollingVolatility: Chart | null;
  /** ½Σ|Δw| of the lead, window by window. */
  readonly turnover: Chart | null;
  /** What trading has cost so far, as a fraction of wealth. */
  readonly costs: Chart | null;
  readonly regimes: Chart | null;
  readonly clusters: Chart | null;
  /** Growth of the sleeves of a meta-portfolio. */
  readonly sleeves: Chart | null;
  /** Best candidate first, the first twelve portfolios. */
  readonly weights: readonly WeightsChart[];
  /** How many portfolios more there are than weights charts. */
  readonly omittedWeights: number;
}

/** Draws the charts of a report, the same bytes for the same model. Loads echarts, which takes longer than drawing:
 * hence the page is made from this function's result, which can be kept. */
export async function renderCharts(model: ReportModel): Promise<Charts> {
  const echarts = await import("echarts");
  const series = seriesOf(model);
  const wealth = linesOf(series, wealthPoints);
  const drawdowns = wealth.map((line) => ({ ...line, points: drawdownPoints(line.points) }));
  const sharpe = linesOf(series, (one) => rollingSharpePoints(one, model.periodsPerYear));
  const volatility = linesOf(series, (one) => rollingVolatilityPoints(one, model.periodsPerYear));
  const logarithmic = spansMagnitudes(wealth);
  const scale = logarithmic ? "log-growth" : "growth";
  const bands = uneasyBands(model.regimes ?? [], endOf(model));
  const equity = drawLines(echarts, "equity", wealth, scale, 380, bands);
  return {
    equity: equity && { ...equity, logarithmic },
    drawdowns: drawLines(echarts, "drawdowns", drawdowns, "drawdown", 250),
    rollingSharpe: drawLines(echarts, "rolling-sharpe", sharpe, "ratio", 250),
    rollingVolatility: drawLines(echarts, "rolling-volatility", volatility, "percent", 250),
    turnover: drawTurnover(echarts, model),
    costs: drawLines(echarts, "costs", costLines(model), "percent", 250),
    regimes: drawRegimes(echarts, model),
    clusters: drawClusters(echarts, model),
    sleeves: drawSleeves(echarts, model),
    ...drawAllWeights(echarts, model),
  };
}

/** When the last bar of any candidate is, in milliseconds since the epoch. */
function endOf({ candidates, regimes }: ReportModel): number {
  const starts = (regimes ?? []).map(({ testStartS }) => testStartS);
  return 1000 *
    Math.max(0, ...candidates.map(({ timestampsS }) => timestampsS.at(-1) ?? 0), ...starts);
}

function drawRegimes(echarts: ECharts, model: ReportModel): Chart | null {
  const { regimes } = model;
  if (regimes === null || regimes.every(({ reading }) => reading === null)) return null;
  return drawTwice(echarts, "regimes", { ...WIDE, heightPx: 220 }, (format) => ({
    option: regimesOption(regimes, endOf(model), format),
  }), 220);
}

function drawClusters(echarts: ECharts, { clusters }: ReportModel): Chart | null {
  if (clusters === null) return null;
  const names = Math.max(...clusters.assets.map((name) => name.length)) * 7;
  const heightPx = Math.round(40 + names + Math.max(140, clusters.assets.length * 26));
  const wide = { ...WIDE, heightPx: Math.min(1000, heightPx) };
  const narrowPx = Math.min(440, Math.round(60 + names + clusters.assets.length * 14));
  return drawTwice(
    echarts,
    "clusters",
    wide,
    (format) => ({
      option: clustersOption(clusters, format),
      // A telephone has no pointer that could rest.
      overlay: format.namesAtEnds ? heatTips(clusters, heatPlace(clusters, format)) : undefined,
    }),
    narrowPx,
  );
}

function drawTurnover(echarts: ECharts, model: ReportModel): Chart | null {
  const lead = model.candidates[rankCandidates(model)[0] ?? -1];
  const { trading, weights } = lead ?? {};
  if (trading === undefined || trading === null || weights === undefined) return null;
  if (weights.testStartsS.length < 2) return null;
  const timesMs = [...weights.testStartsS.map((startS) => startS * 1000), endOf(model)];
  // The purchase of the first portfolio is no change of one, and would dwarf the others.
  const values = trading.turnover.map((value, window) => window === 0 ? 0 : value);
  const band = { label: "Turnover", slot: 0, values, mean: 0, last: values.at(-1) ?? 0 };
  const points = timesMs.map((timeMs, t): ChartPoint => [timeMs, values[t] ?? band.last]);
  const line = { name: "Turnover", colour: areaColour(0), points };
  return drawTwice(echarts, "turnover", { ...WIDE, heightPx: 200 }, (format) => ({
    option: weightsChartOption([band], timesMs, format, "free"),
    overlay: tipLayer([line], format, 10, (value) => formatPercent(value, 1)),
  }), 200);
}

function costLines(model: ReportModel): readonly ChartLine[] {
  const endMs = endOf(model);
  return seriesOf(model).flatMap(({ series, ...line }): ChartLine[] => {
    const candidate = model.candidates.find((one) => one === series);
    const { trading, weights } = candidate ?? {};
    if (trading === undefined || trading === null || weights === undefined) return [];
    let paid = 0;
    const points = weights.testStartsS.map((startS, window): ChartPoint => {
      paid += trading.costs[window] ?? 0;
      return [startS * 1000, paid];
    });
    return points.length < 2 ? [] : [{ ...line, points: [...points, [endMs, paid]] }];
  });
}

function drawSleeves(echarts: ECharts, { sleeves }: ReportModel): Chart | null {
  const outer = (sleeves?.sleeves ?? []).filter(({ depth, returns }) =>
    depth === 1 && returns.length > 0
  );
  const lines = outer.map((sleeve, i) => ({
    name: sleeve.id,
    points: wealthPoints(sleeve),
    style: candidateLineStyle(i),
    named: i < SERIES_COLOURS,
  }));
  const scale = spansMagnitudes(lines) ? "log-growth" : "growth";
  return drawLines(echarts, "sleeves", lines, scale, 300);
}
