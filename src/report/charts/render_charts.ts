import type { EChartsCoreOption } from "echarts";
import { candidateNames, rankCandidates } from "../text/candidates.ts";
import {
  type ChartFormat,
  type ChartLine,
  type ChartScale,
  lineChartOption,
  weightsChartOption,
} from "./chart_options.ts";
import { stabiliseSvg } from "./stable_svg.ts";
import type { CandidateReport, ReportModel } from "../model/report_model.ts";
import { BENCHMARK_LINE_STYLE, candidateLineStyle, SERIES_COLOURS } from "./palette.ts";
import { drawdownPoints, type ReturnSeries, rollingSharpePoints, wealthPoints } from "./series.ts";
import { leadingSymbols, type WeightBand, weightBands } from "./weight_bands.ts";

/** One chart, drawn twice as SVG: with room for names at its lines' ends, and for a telephone's width. */
export interface Chart {
  /** 780 or 1080 pixels wide. */
  readonly wide: string;
  /** 400 pixels wide. */
  readonly narrow: string;
}

/** The target weights of one candidate, or of several that hold the same ones. */
export interface WeightsChart extends Chart {
  /** The names of its engine and profile, as far as they tell it from the others. */
  readonly label: string;
  /** In the order of the stack, lowest first. */
  readonly bands: readonly WeightBand[];
}

/** All charts of a report: plain data, so that it can be cached. */
export interface Charts {
  /** `null` when no candidate has a bar. */
  readonly equity: Chart & { readonly logarithmic: boolean } | null;
  /** `null` when no candidate has a bar. */
  readonly drawdowns: Chart | null;
  /** `null` when no series is a year long. */
  readonly rollingSharpe: Chart | null;
  /** Growth of the sleeves of a meta-portfolio; `null` for other runs. */
  readonly sleeves: Chart | null;
  /** Best candidate first, at most {@linkcode MAX_WEIGHTS_CHARTS}. */
  readonly weights: readonly WeightsChart[];
  /** How many portfolios more there are than weights charts. */
  readonly omittedWeights: number;
}

/** The weights of more portfolios than this are left to the JSON file: the page would grow without bound. */
export const MAX_WEIGHTS_CHARTS = 12;

/** From this ratio of the highest to the lowest wealth on, growth is drawn on a logarithmic axis. */
const LOG_FROM_RATIO = 4;

/** A telephone shows no more steps than this, and neither does a page. */
const MAX_STEPS = 360;

const WIDE: ChartFormat = { widthPx: 1080, heightPx: 380, pointsPerLine: 900, namesAtEnds: true };
const BESIDE_TABLE: ChartFormat = { ...WIDE, widthPx: 780, heightPx: 330 };
const NARROW: ChartFormat = { widthPx: 400, heightPx: 300, pointsPerLine: 320, namesAtEnds: false };

type ECharts = typeof import("echarts");

/** Draws the charts of a report, the same bytes for the same model. Loads echarts, which takes longer than drawing:
 * hence the page is made from this function's result, which can be kept. */
export async function renderCharts(model: ReportModel): Promise<Charts> {
  const echarts = await import("echarts");
  const lines = seriesOf(model);
  const wealth = lines.map((line) => ({ ...line, points: wealthPoints(line.series) }))
    .filter(({ points }) => points.length > 0);
  const drawdowns = wealth.map((line) => ({ ...line, points: drawdownPoints(line.points) }));
  const sharpe = lines.map((line) => ({
    ...line,
    points: rollingSharpePoints(line.series, model.periodsPerYear),
  })).filter(({ points }) => points.length > 1);
  const logarithmic = spansMagnitudes(wealth);
  const equity = drawLines(echarts, "equity", wealth, logarithmic ? "log-growth" : "growth", 380);
  const portfolios = distinctPortfolios(model);
  return {
    equity: equity && { ...equity, logarithmic },
    drawdowns: drawLines(echarts, "drawdowns", drawdowns, "drawdown", 250),
    rollingSharpe: drawLines(echarts, "rolling-sharpe", sharpe, "ratio", 250),
    sleeves: drawSleeves(echarts, model),
    weights: drawWeights(echarts, portfolios.slice(0, MAX_WEIGHTS_CHARTS)),
    omittedWeights: Math.max(0, portfolios.length - MAX_WEIGHTS_CHARTS),
  };
}

type NamedSeries = Omit<ChartLine, "points"> & { readonly series: ReturnSeries };

function seriesOf(model: ReportModel): readonly NamedSeries[] {
  const names = candidateNames(model.candidates);
  const lines = rankCandidates(model).flatMap((index, rank) => {
    const series = model.candidates[index];
    if (series === undefined) return [];
    const style = candidateLineStyle(rank);
    return [{ name: names[index] ?? "", style, named: rank < SERIES_COLOURS, series }];
  });
  if (model.benchmark === null) return lines;
  const { label, ...series } = model.benchmark;
  return [...lines, { name: label, style: BENCHMARK_LINE_STYLE, named: true, series }];
}

function spansMagnitudes(lines: readonly ChartLine[]): boolean {
  let lowest = Infinity, highest = 0;
  for (const { points } of lines) {
    for (const [, value] of points) {
      lowest = Math.min(lowest, value);
      highest = Math.max(highest, value);
    }
  }
  return lowest > 0 && highest / lowest >= LOG_FROM_RATIO;
}

function drawLines(
  echarts: ECharts,
  name: string,
  lines: readonly ChartLine[],
  scale: ChartScale,
  heightPx: number,
): Chart | null {
  if (lines.length === 0) return null;
  const wide = { ...WIDE, heightPx };
  return drawTwice(echarts, name, wide, (format) => lineChartOption(lines, scale, format));
}

function drawSleeves(echarts: ECharts, { sleeves }: ReportModel): Chart | null {
  const lines = (sleeves?.sleeves ?? []).filter(({ depth, returns }) =>
    depth === 1 && returns.length > 0
  ).map((sleeve, i) => ({
    name: sleeve.id,
    points: wealthPoints(sleeve),
    style: candidateLineStyle(i),
    named: i < SERIES_COLOURS,
  }));
  const scale = spansMagnitudes(lines) ? "log-growth" : "growth";
  return drawLines(echarts, "sleeves", lines, scale, 300);
}

function drawWeights(
  echarts: ECharts,
  portfolios: readonly Portfolio[],
): readonly WeightsChart[] {
  const shared = leadingSymbols(portfolios.map(({ candidate }) => candidate.weights));
  return portfolios.map(({ label, candidate }, i) => {
    const bands = weightBands(candidate.weights, shared);
    const { timesMs, steps } = stepTimes(candidate);
    const thinned = bands.map((band) => ({
      ...band,
      values: steps.map((step) => band.values[step] ?? 0),
    }));
    const chart = drawTwice(
      echarts,
      `weights-${i}`,
      BESIDE_TABLE,
      (format) => weightsChartOption(thinned, timesMs, format),
    );
    return { label, bands, ...chart };
  });
}

interface Portfolio {
  readonly label: string;
  readonly candidate: CandidateReport;
}

/** Simulators do not change target weights: candidates that differ in nothing else share one chart. */
function distinctPortfolios(model: ReportModel): readonly Portfolio[] {
  const kept = new Map<string, CandidateReport>();
  for (const index of rankCandidates(model)) {
    const candidate = model.candidates[index];
    if (candidate === undefined || candidate.weights.rows.length === 0) continue;
    const { engine, profile, weights } = candidate;
    const key = JSON.stringify([engine, profile, weights]);
    if (!kept.has(key)) kept.set(key, candidate);
  }
  const candidates = [...kept.values()];
  const names = candidateNames(candidates);
  return candidates.map((candidate, i) => ({ label: names[i] ?? "", candidate }));
}

/** When each drawn step begins, and at last when the last one ends; at most {@linkcode MAX_STEPS} of the windows. */
function stepTimes(candidate: CandidateReport): {
  readonly timesMs: readonly number[];
  readonly steps: readonly number[];
} {
  const { testStartsS } = candidate.weights;
  const stride = Math.ceil(testStartsS.length / MAX_STEPS);
  const steps = testStartsS.map((_, step) => step).filter((step) => step % stride === 0);
  const startsS = steps.map((step) => testStartsS[step] ?? 0);
  const endS = Math.max(candidate.timestampsS.at(-1) ?? 0, testStartsS.at(-1) ?? 0);
  return { timesMs: [...startsS, endS].map((seconds) => seconds * 1000), steps };
}

function drawTwice(
  echarts: ECharts,
  name: string,
  wide: ChartFormat,
  option: (format: ChartFormat) => EChartsCoreOption,
): Chart {
  const drawAs = (suffix: string, format: ChartFormat): string => {
    const { widthPx: width, heightPx: height } = format;
    const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width, height });
    try {
      chart.setOption(option(format));
      return stabiliseSvg(chart.renderToSVGString(), `${name}-${suffix}`);
    } finally {
      chart.dispose();
    }
  };
  const narrow = { ...NARROW, heightPx: Math.min(NARROW.heightPx, wide.heightPx) };
  return { wide: drawAs("wide", wide), narrow: drawAs("narrow", narrow) };
}
