import type { EChartsCoreOption } from "echarts";
import { formatDecimal, formatPercent } from "../text/format.ts";
import { axisStyle, baseOption, type ChartFormat, FONT_SIZE_PX, labelStyle } from "./axes.ts";
import { areaColour, CHART_COLOURS, type LineStyle } from "./palette.ts";
import { type ChartPoint, downsample } from "./series.ts";
import type { WeightBand } from "./weight_bands.ts";

/** One line of a chart. */
export interface ChartLine {
  readonly name: string;
  readonly points: readonly ChartPoint[];
  readonly style: LineStyle;
  /** Whether its name stands at its end, where the format has room for names. */
  readonly named: boolean;
}

/** What a chart's vertical axis shows. `log-growth` is drawn in powers of two. */
export type ChartScale = "growth" | "log-growth" | "drawdown" | "ratio" | "percent";

const MAX_NAME_CHARACTERS = 26;

/** A stretch of time that is tinted behind the lines. */
export interface TimeBand {
  readonly fromMs: number;
  readonly toMs: number;
  readonly colour: string;
}

/** Lines over time. */
export function lineChartOption(
  lines: readonly ChartLine[],
  scale: ChartScale,
  format: ChartFormat,
  bands: readonly TimeBand[] = [],
): EChartsCoreOption {
  return {
    ...baseOption(format, namesWidthPx(lines, format), longestTimes(lines)),
    yAxis: valueAxis(scale, lines),
    // Drawn from the last to the first: the lead ends on top.
    series: lines.map((line, index) => ({
      ...lineSeries(line, scale, format, lines.length - index),
      ...(index === 0 && bands.length > 0 ? { markArea: bandAreas(bands) } : {}),
    })),
  };
}

/** The room to the right of lines, where their names stand. */
export function namesWidthPx(lines: readonly ChartLine[], format: ChartFormat): number {
  const characters = lines.map(({ name, named }) => named ? shorten(name).length : 0);
  return format.namesAtEnds ? 14 + Math.max(0, ...characters) * FONT_SIZE_PX * 0.56 : 10;
}

/** A value as the axis of its scale writes it, to the digit. */
export function scaledValue(value: number, scale: ChartScale): string {
  switch (scale) {
    case "growth":
    case "log-growth":
      return `${formatDecimal(value, 2)}×`;
    case "drawdown":
    case "percent":
      return formatPercent(value, 2);
    case "ratio":
      return formatDecimal(value, 2);
  }
}

function longestTimes(lines: readonly ChartLine[]): readonly number[] {
  const longest = lines.reduce<ChartLine["points"]>(
    (found, { points }) => points.length > found.length ? points : found,
    [],
  );
  return longest.map(([timeMs]) => timeMs);
}

function bandAreas(bands: readonly TimeBand[]): Record<string, unknown> {
  return {
    silent: true,
    data: bands.map(({ fromMs, toMs, colour }) => [
      { xAxis: fromMs, itemStyle: { color: colour, opacity: 0.22 } },
      { xAxis: toMs },
    ]),
  };
}

/** Weights over time as stacked areas: a step lasts from one window's start to the next. Short positions stack
 * downwards from zero.
 * @param top where the axis ends: at the whole budget where nothing is above it, or free */
export function weightsChartOption(
  bands: readonly WeightBand[],
  timesMs: readonly number[],
  format: ChartFormat,
  top: "budget" | "free" = "budget",
): EChartsCoreOption {
  const lowest = bands.some(({ values }) => values.some((value) => value < 0)) ? undefined : 0;
  const gross = timesMs.map((_, t) =>
    bands.reduce((sum, { values }) => sum + Math.max(0, values[t] ?? 0), 0)
  );
  return {
    ...baseOption(format, 10, timesMs),
    yAxis: {
      ...axisStyle(),
      type: "value",
      min: lowest,
      max: top === "budget" && Math.max(...gross) <= 1 + 1e-6 && lowest === 0 ? 1 : undefined,
      axisLabel: { ...labelStyle(), formatter: (value: number) => formatPercent(value, 0) },
    },
    series: bands.flatMap((band) => [
      areaSeries(band, timesMs, "long", (value) => Math.max(0, value)),
      ...(band.values.some((value) => value < 0)
        ? [areaSeries(band, timesMs, "short", (value) => Math.min(0, value))]
        : []),
    ]),
  };
}

function valueAxis(scale: ChartScale, lines: readonly ChartLine[]): Record<string, unknown> {
  const axis = { ...axisStyle(), type: "value", scale: true };
  switch (scale) {
    case "growth":
      return { ...axis, axisLabel: { ...labelStyle(), formatter: growthLabel } };
    case "log-growth": {
      const exponents = lines.flatMap(({ points }) => points.map(([, value]) => Math.log2(value)));
      return {
        ...axis,
        min: Math.floor(exponents.reduce((min, value) => Math.min(min, value), 0)),
        max: Math.ceil(exponents.reduce((max, value) => Math.max(max, value), 0)),
        interval: 1,
        axisLabel: {
          ...labelStyle(),
          formatter: (exponent: number) => growthLabel(2 ** exponent),
        },
      };
    }
    case "drawdown":
      return {
        ...axis,
        max: 0,
        axisLabel: { ...labelStyle(), formatter: (value: number) => formatPercent(value, 0) },
      };
    case "ratio":
      return {
        ...axis,
        scale: false,
        axisLabel: { ...labelStyle(), formatter: (value: number) => formatDecimal(value, 1) },
      };
    case "percent":
      return {
        ...axis,
        scale: false,
        axisLabel: { ...labelStyle(), formatter: percentLabel },
      };
  }
}

function percentLabel(value: number): string {
  return formatPercent(value, 2).replace(/\.?0+%$/, "%");
}

function growthLabel(growth: number): string {
  return `${formatDecimal(growth, 2).replace(/\.?0+$/, "")}×`;
}

function lineSeries(
  line: ChartLine,
  scale: ChartScale,
  format: ChartFormat,
  z: number,
): Record<string, unknown> {
  // The grey lines of a crowd show its extent; their every day would only make the page heavy.
  const kept = downsample(line.points, format.pointsPerLine / (line.named ? 1 : 4));
  const { colour, dashes, widthPx } = line.style;
  return {
    type: "line",
    name: line.name,
    dimensions: ["time", "value"],
    data: interleave(kept, scale === "log-growth" ? Math.log2 : (value) => value),
    z,
    silent: true,
    showSymbol: false,
    emphasis: { disabled: true },
    lineStyle: {
      color: colour,
      width: widthPx,
      type: dashes.length === 0 ? "solid" : dashes,
      cap: "butt",
      join: "round",
    },
    endLabel: {
      show: format.namesAtEnds && line.named,
      formatter: () => shorten(line.name),
      color: colour,
      fontSize: FONT_SIZE_PX,
      textBorderWidth: 0,
      distance: 6,
    },
    ...(format.namesAtEnds ? { labelLayout: { moveOverlap: "shiftY" } } : {}),
    ...(scale === "ratio" ? { markLine: zeroLine() } : {}),
  };
}

/** Points as echarts takes them without copying each: time, value, time, value, … */
export function interleave(
  points: readonly ChartPoint[],
  transform: (value: number) => number,
): Float64Array {
  const data = new Float64Array(points.length * 2);
  points.forEach(([timeMs, value], i) => data.set([timeMs, transform(value)], 2 * i));
  return data;
}

function zeroLine(): Record<string, unknown> {
  return {
    silent: true,
    symbol: "none",
    label: { show: false },
    lineStyle: { color: CHART_COLOURS.axis, type: "solid", width: 1 },
    data: [{ yAxis: 0 }],
  };
}

function areaSeries(
  band: WeightBand,
  timesMs: readonly number[],
  stack: "long" | "short",
  part: (value: number) => number,
): Record<string, unknown> {
  return {
    type: "line",
    name: band.label,
    stack,
    step: "end",
    dimensions: ["time", "value"],
    data: interleave(timesMs.map((timeMs, t) => [timeMs, band.values[t] ?? band.last]), part),
    silent: true,
    showSymbol: false,
    emphasis: { disabled: true },
    lineStyle: { color: CHART_COLOURS.paper, width: 0.7 },
    areaStyle: { color: areaColour(band.slot), opacity: 1 },
  };
}

/** A name that fits beside a chart. */
export function shorten(name: string): string {
  const characters = [...name];
  return characters.length <= MAX_NAME_CHARACTERS
    ? name
    : `${characters.slice(0, MAX_NAME_CHARACTERS - 1).join("")}…`;
}
