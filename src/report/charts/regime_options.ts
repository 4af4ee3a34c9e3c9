import type { EChartsCoreOption } from "echarts";
import { QUADRANTS, type RegimeReport, REGIMES } from "../model/regimes.ts";
import { formatDecimal } from "../text/format.ts";
import { axisStyle, baseOption, type ChartFormat, labelStyle } from "./axes.ts";
import { interleave, type TimeBand } from "./line_options.ts";
import { CHART_COLOURS, stateColour } from "./palette.ts";

const THRESHOLDS = [0.7, 1.25, 1.8];
const STRIP_PX = 16;

/** The score of each window in the colour of its regime, and below it a strip in the colours of the quadrants.
 * @param endMs when the last window ends */
export function regimesOption(
  regimes: readonly RegimeReport[],
  endMs: number,
  format: ChartFormat,
): EChartsCoreOption {
  const timesMs = [...regimes.map(({ testStartS }) => testStartS * 1000), endMs];
  const base = baseOption(format, 10, timesMs) as { grid: { bottom: number }; xAxis: object };
  const scores = regimes.map(({ reading }) => reading?.score ?? 0);
  const area = (values: readonly number[], state: number, axis: number) => ({
    type: "line",
    step: "end",
    xAxisIndex: axis,
    yAxisIndex: axis,
    dimensions: ["time", "value"],
    data: interleave(
      timesMs.map((timeMs, t) => [timeMs, values[t] ?? values.at(-1) ?? 0]),
      (value) => value,
    ),
    silent: true,
    showSymbol: false,
    emphasis: { disabled: true },
    lineStyle: { width: 0 },
    areaStyle: { color: stateColour(state), opacity: 1 },
  });
  const strip = { ...base.grid, top: format.heightPx - 26 - STRIP_PX, bottom: 26 };
  return {
    ...base,
    grid: [{ ...base.grid, bottom: 26 + STRIP_PX + 8 }, strip],
    xAxis: [
      { ...base.xAxis, axisLabel: { show: false }, axisTick: { show: false } },
      { ...base.xAxis, gridIndex: 1 },
    ],
    yAxis: [
      {
        ...axisStyle(),
        type: "value",
        min: 0,
        max: Math.max(2, Math.ceil(Math.max(...scores) * 2) / 2),
        interval: 0.5,
        splitLine: { show: false },
        axisLabel: { ...labelStyle(), formatter: (value: number) => formatDecimal(value, 1) },
      },
      { ...axisStyle(), gridIndex: 1, type: "value", min: 0, max: 1, show: false },
    ],
    series: [
      ...REGIMES.map((regime, state) => ({
        ...area(
          regimes.map(({ reading }) => reading?.regime === regime ? reading.score : 0),
          state,
          0,
        ),
        ...(state === 0 ? { markLine: thresholdLines() } : {}),
      })),
      ...QUADRANTS.map((quadrant, state) =>
        area(regimes.map(({ reading }) => reading?.quadrant === quadrant ? 1 : 0), state, 1)
      ),
    ],
  };
}

/** The stretches of time in which weights were decided in an uneasy market: TURBULENT or CRISIS.
 * @param endMs when the last window ends */
export function uneasyBands(regimes: readonly RegimeReport[], endMs: number): readonly TimeBand[] {
  const bands: TimeBand[] = [];
  regimes.forEach(({ testStartS, reading }, w) => {
    const state = reading === null ? 0 : REGIMES.indexOf(reading.regime);
    if (state < 2) return;
    const fromMs = testStartS * 1000, colour = stateColour(state);
    const next = regimes[w + 1];
    const toMs = next === undefined ? endMs : next.testStartS * 1000;
    const last = bands.at(-1);
    if (last?.toMs === fromMs && last.colour === colour) {
      bands[bands.length - 1] = { ...last, toMs };
    } else bands.push({ fromMs, toMs, colour });
  });
  return bands;
}

function thresholdLines(): Record<string, unknown> {
  return {
    silent: true,
    symbol: "none",
    label: { show: false },
    lineStyle: { color: CHART_COLOURS.soft, type: [3, 3], width: 1 },
    data: THRESHOLDS.map((yAxis) => ({ yAxis })),
  };
}
