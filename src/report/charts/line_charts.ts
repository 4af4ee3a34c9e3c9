import type { ReportModel } from "../model/report_model.ts";
import { candidateNames, rankCandidates } from "../text/candidates.ts";
import { type Chart, drawTwice, type ECharts, WIDE } from "./draw.ts";
import {
  type ChartLine,
  type ChartScale,
  lineChartOption,
  namesWidthPx,
  scaledValue,
  type TimeBand,
} from "./line_options.ts";
import { BENCHMARK_LINE_STYLE, candidateLineStyle, SERIES_COLOURS } from "./palette.ts";
import type { ChartPoint, ReturnSeries } from "./series.ts";
import { tipLayer } from "./tips.ts";

/** From this ratio of the highest to the lowest wealth on, growth is drawn on a logarithmic axis. */
const LOG_FROM_RATIO = 4;

/** More lines than this are a grey area. */
const MAX_LINES = 60;

/** A line before its points are computed. */
export type NamedSeries = Omit<ChartLine, "points"> & { readonly series: ReturnSeries };

/** The candidates, best first, and the benchmark behind them. */
export function seriesOf(model: ReportModel): readonly NamedSeries[] {
  const names = candidateNames(model.candidates);
  const lines = rankCandidates(model).slice(0, MAX_LINES).flatMap((index, rank) => {
    const series = model.candidates[index];
    if (series === undefined) return [];
    const style = candidateLineStyle(rank);
    return [{ name: names[index] ?? "", style, named: rank < SERIES_COLOURS, series }];
  });
  if (model.benchmark === null) return lines;
  const { label, ...series } = model.benchmark;
  return [...lines, { name: label, style: BENCHMARK_LINE_STYLE, named: true, series }];
}

/** Lines with the points of their series; those with fewer than two are left out. */
export function linesOf(
  all: readonly NamedSeries[],
  pointsOf: (series: ReturnSeries) => readonly ChartPoint[],
): readonly ChartLine[] {
  return all.map(({ series, ...line }) => ({ ...line, points: pointsOf(series) }))
    .filter(({ points }) => points.length > 1);
}

/** Whether growth is drawn on a logarithmic axis. */
export function spansMagnitudes(lines: readonly ChartLine[]): boolean {
  let lowest = Infinity, highest = 0;
  for (const { points } of lines) {
    for (const [, value] of points) {
      lowest = Math.min(lowest, value);
      highest = Math.max(highest, value);
    }
  }
  return lowest > 0 && highest / lowest >= LOG_FROM_RATIO;
}

/** Draws lines over time, with their values for whoever points at a day.
 * @param name unique on the page
 * @returns null without a line */
export function drawLines(
  echarts: ECharts,
  name: string,
  lines: readonly ChartLine[],
  scale: ChartScale,
  heightPx: number,
  bands: readonly TimeBand[] = [],
): Chart | null {
  if (lines.length === 0) return null;
  const named = lines.filter((line) => line.named).map(({ name, style, points }) => ({
    name,
    colour: style.colour,
    points,
  }));
  return drawTwice(echarts, name, { ...WIDE, heightPx }, (format) => ({
    option: lineChartOption(lines, scale, format, bands),
    overlay: tipLayer(
      named,
      format,
      namesWidthPx(lines, format),
      (value) => scaledValue(value, scale),
    ),
  }));
}
