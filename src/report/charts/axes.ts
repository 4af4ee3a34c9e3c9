import type { EChartsCoreOption } from "echarts";
import { MONTHS } from "../text/format.ts";
import { CHART_COLOURS } from "./palette.ts";

/** The size of a drawing, and whether there is room beside it for the names of its lines. */
export interface ChartFormat {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly pointsPerLine: number;
  readonly namesAtEnds: boolean;
}

/** Of all texts in charts. */
export const FONT_SIZE_PX = 12;

/** Between the edges of a drawing and what is plotted; what is to the right differs. */
export const MARGINS = { left: 52, top: 12, bottom: 26 } as const;

const DAY_MS = 86_400_000;
/** From so many days on a chart names years alone: months between some of them would only confuse. */
const YEARS_FROM_DAYS = 3 * 365;

/** What all charts over time share: their place, and the axis of time below.
 * @param timesMs of what is drawn, ascending */
export function baseOption(
  format: ChartFormat,
  rightPx: number,
  timesMs: readonly number[],
): EChartsCoreOption {
  const days = ((timesMs.at(-1) ?? 0) - (timesMs[0] ?? 0)) / DAY_MS;
  return {
    animation: false,
    useUTC: true,
    textStyle: { fontSize: FONT_SIZE_PX },
    grid: { ...MARGINS, right: rightPx },
    xAxis: {
      ...axisStyle(),
      type: "time",
      min: "dataMin",
      max: "dataMax",
      splitLine: { show: false },
      axisLine: { show: true, onZero: false, lineStyle: { color: CHART_COLOURS.axis } },
      axisTick: { show: true, lineStyle: { color: CHART_COLOURS.axis } },
      splitNumber: Math.max(2, Math.round(format.widthPx / 140)),
      axisLabel: {
        ...labelStyle(),
        hideOverlap: true,
        formatter: days > YEARS_FROM_DAYS ? yearLabel : timeLabel,
      },
    },
  };
}

/** A year at its first day, else nothing. */
function yearLabel(timeMs: number): string {
  const date = new Date(timeMs);
  const isFirst = date.getUTCMonth() === 0 && date.getUTCDate() === 1;
  return isFirst ? String(date.getUTCFullYear()) : "";
}

/** A year at its first day, a month at its first day, else the day. */
function timeLabel(timeMs: number): string {
  const date = new Date(timeMs);
  const month = MONTHS[date.getUTCMonth()] ?? "";
  if (date.getUTCDate() !== 1) return `${date.getUTCDate()} ${month}`;
  return date.getUTCMonth() === 0 ? String(date.getUTCFullYear()) : month;
}

/** An axis without lines of its own on a grid of thin ones. */
export function axisStyle(): Record<string, unknown> {
  return {
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: CHART_COLOURS.grid, width: 1 } },
  };
}

/** The texts at an axis. */
export function labelStyle(): Record<string, unknown> {
  return { color: CHART_COLOURS.soft, fontSize: FONT_SIZE_PX };
}
