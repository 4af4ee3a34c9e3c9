import type { Timeline } from "../schemas/runs.ts";

/** Where the row of a node is in a Gantt chart, in pixels. */
export interface GanttRow {
  readonly nodeId: string;
  readonly topPx: number;
  readonly heightPx: number;
  /** Of one lane of bars. */
  readonly lanePx: number;
}

const MIN_ROW_PX = 20;
const LANE_PX = 8;
const MIN_LANE_PX = 3;
const MAX_ROW_PX = 96;
const GAP_PX = 4;

/** PURE: the rows of the nodes, one below the other; many lanes become narrow. */
export function ganttRows(nodes: Timeline["nodes"]): GanttRow[] {
  let topPx = 0;
  return Object.entries(nodes).map(([nodeId, { lanes, bars }]) => {
    const lanePx = bars === undefined
      ? MIN_ROW_PX
      : Math.max(MIN_LANE_PX, Math.min(LANE_PX, Math.floor(MAX_ROW_PX / lanes)));
    const heightPx = Math.max(MIN_ROW_PX, bars === undefined ? 0 : lanes * lanePx);
    const row = { nodeId, topPx, heightPx, lanePx };
    topPx += heightPx + GAP_PX;
    return row;
  });
}

/** PURE: round times between two, for an axis.
 * @param count about so many
 * @returns milliseconds from the start on */
export function axisTicks(spanMs: number, count: number): number[] {
  if (!(spanMs > 0)) return [];
  const rough = spanMs / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const stepMs = [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough)!;
  const ticks: number[] = [];
  for (let atMs = 0; atMs <= spanMs; atMs += stepMs) ticks.push(atMs);
  return ticks;
}
