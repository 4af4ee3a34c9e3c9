import { escapeHtml } from "../html/markup.ts";
import { formatDay } from "../text/format.ts";
import { type ChartFormat, FONT_SIZE_PX, MARGINS } from "./axes.ts";
import { shorten } from "./line_options.ts";
import { colourReference } from "./palette.ts";
import type { ChartPoint } from "./series.ts";

/** A line that a reader can ask for its values. */
export interface TipLine {
  readonly name: string;
  readonly colour: string;
  /** In order of time; a value holds until the next one. */
  readonly points: readonly ChartPoint[];
}

/** More lines than this cover the chart that they explain. */
const MAX_LINES = 10;
const PIXELS_PER_COLUMN = 14;
const LINE_HEIGHT_PX = 16;
const CHARACTER_PX = FONT_SIZE_PX * 0.58;
const VALUE_WIDTH_PX = 58;
const GAP_PX = 8;

/** What shows when a reader points at a chart over time: a line at the day, and the values in the half that is not
 * pointed at. Columns of the plot are the places to point at, shown and hidden by the style sheet: no script, which a
 * mail would not run.
 * @param rightPx what is left free to the right of the plot
 * @returns SVG elements; nothing without points */
export function tipLayer(
  lines: readonly TipLine[],
  format: ChartFormat,
  rightPx: number,
  write: (value: number) => string,
): string {
  const shown = lines.filter(({ points }) => points.length > 1).slice(0, MAX_LINES);
  const times = shown.flatMap(({ points }) => [points[0][0], points[points.length - 1][0]]);
  const fromMs = Math.min(...times), toMs = Math.max(...times);
  if (!(toMs > fromMs)) return "";
  const widthPx = format.widthPx - MARGINS.left - rightPx;
  const count = Math.max(2, Math.floor(widthPx / PIXELS_PER_COLUMN));
  const columns = Array.from({ length: count }, (_, k) => {
    const timeMs = nearestTime(shown[0].points, fromMs + (k + 0.5) / count * (toMs - fromMs));
    return { k, timeMs, x: MARGINS.left + (timeMs - fromMs) / (toMs - fromMs) * widthPx };
  });
  const half = (from: number, to: number, panelX: number): string => {
    const tips = columns.slice(from, to).map(({ k, timeMs, x }) =>
      tip(shown, timeMs, write, {
        x,
        hitX: MARGINS.left + k / count * widthPx,
        hitWidth: widthPx / count,
        panelX,
        height: format.heightPx - MARGINS.top - MARGINS.bottom,
      })
    );
    return `<g class="half">${panel(shown, panelX)}${tips.join("")}</g>`;
  };
  const middle = Math.floor(count / 2);
  const rightX = format.widthPx - rightPx - panelWidth(shown) - GAP_PX;
  return `<g class="tips" aria-hidden="true">${half(0, middle, rightX)}${
    half(middle, count, MARGINS.left + GAP_PX)
  }</g>`;
}

function panelWidth(lines: readonly TipLine[]): number {
  const longest = Math.max(...lines.map(({ name }) => shorten(name).length));
  return Math.round(3 * GAP_PX + longest * CHARACTER_PX + VALUE_WIDTH_PX);
}

function panel(lines: readonly TipLine[], x: number): string {
  const height = (lines.length + 1) * LINE_HEIGHT_PX + 2 * GAP_PX;
  const names = lines.map(({ name, colour }) =>
    `<tspan x="${round(x + GAP_PX)}" dy="${LINE_HEIGHT_PX}" fill="${colourReference(colour)}">${
      escapeHtml(shorten(name))
    }</tspan>`
  );
  return `<g class="panel"><rect x="${round(x)}" y="${MARGINS.top}" width="${
    panelWidth(lines)
  }" height="${height}" rx="4"/><text y="${MARGINS.top + GAP_PX + FONT_SIZE_PX}">${
    names.join("")
  }</text></g>`;
}

interface TipPlace {
  readonly x: number;
  readonly hitX: number;
  readonly hitWidth: number;
  readonly panelX: number;
  readonly height: number;
}

function tip(
  lines: readonly TipLine[],
  timeMs: number,
  write: (value: number) => string,
  { x, hitX, hitWidth, panelX, height }: TipPlace,
): string {
  const textY = MARGINS.top + GAP_PX + FONT_SIZE_PX;
  const right = round(panelX + panelWidth(lines) - GAP_PX);
  const values = lines.map(({ points }) => {
    const value = valueAt(points, timeMs);
    return `<tspan x="${right}" dy="${LINE_HEIGHT_PX}">${
      value === undefined ? "–" : escapeHtml(write(value))
    }</tspan>`;
  });
  return `<g class="tip"><path class="hit" d="M${round(hitX)} ${MARGINS.top}h${
    round(hitWidth)
  }v${height}h-${round(hitWidth)}z"/><path class="cursor" d="M${
    round(x)
  } ${MARGINS.top}v${height}"/><text y="${textY}"><tspan class="day" x="${
    round(panelX + GAP_PX)
  }">${formatDay(timeMs / 1000)}</tspan>${values.join("")}</text></g>`;
}

/** The time of the point that is nearest to a time. */
function nearestTime(points: readonly ChartPoint[], timeMs: number): number {
  const at = lastBefore(points, timeMs);
  const before = points[Math.max(0, at)][0], after = points[Math.min(points.length - 1, at + 1)][0];
  return timeMs - before <= after - timeMs ? before : after;
}

function valueAt(points: readonly ChartPoint[], timeMs: number): number | undefined {
  return points[lastBefore(points, timeMs)]?.[1];
}

/** The index of the last point at or before a time; −1 when all are later. */
function lastBefore(points: readonly ChartPoint[], timeMs: number): number {
  let low = -1, high = points.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (points[middle][0] <= timeMs) low = middle;
    else high = middle - 1;
  }
  return low;
}

function round(px: number): number {
  return Math.round(px * 10) / 10;
}
