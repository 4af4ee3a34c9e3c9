import type { AttemptEnd } from "../../telemetry/attempt_record.ts";
import type { Timeline } from "../schemas/runs.ts";

/** A stretch of time in which an attempt ran. */
export interface Span {
  readonly nodeId: string;
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  /** `running`: it has not ended. */
  readonly end: AttemptEnd | "running";
}

/** More bars than this are told as columns. */
const MAX_BARS = 3_000;
const COLUMNS = 240;
const MAX_DIGIT = 35;

/** PURE: spans as a Gantt chart, one row a node, as many lanes as ran at a time.
 * @param fromMs undefined: from the first one on
 * @param toMs undefined: to the last one's end */
export function timelineOf(
  spans: readonly Span[],
  fromMs: number | undefined,
  toMs: number | undefined,
): Timeline {
  const from = fromMs ?? spans.reduce((min, { startMs }) => Math.min(min, startMs), Infinity);
  const to = toMs ?? spans.reduce((max, { endMs }) => Math.max(max, endMs), -Infinity);
  if (!(to > from)) {
    return { fromMs: finite(from), toMs: finite(from), attempts: 0, names: [], nodes: {} };
  }
  const shown = spans.filter(({ startMs, endMs }) => startMs <= to && endMs >= from);
  const names = [...new Set(shown.map(({ name }) => name))].sort();
  const common = { fromMs: from, toMs: to, attempts: shown.length, names };
  const byNode = groupByNode(shown);
  if (shown.length <= MAX_BARS) {
    const indexOf = new Map(names.map((name, index) => [name, index]));
    const nodes = byNode.map(([nodeId, mine]) => [nodeId, barsOf(mine, from, indexOf)]);
    return { ...common, nodes: Object.fromEntries(nodes) };
  }
  const columnMs = (to - from) / COLUMNS;
  const nodes = byNode.map(([nodeId, mine]) => [nodeId, columnsOf(mine, from, columnMs)]);
  return { ...common, columnMs, nodes: Object.fromEntries(nodes) };
}

type NodeTimeline = Timeline["nodes"][string];

function barsOf(
  spans: readonly Span[],
  fromMs: number,
  indexOf: ReadonlyMap<string, number>,
): NodeTimeline {
  const lanes = lanesOf(spans);
  const bars = spans.map(({ startMs, endMs, name, end }, i) => [
    lanes.of[i],
    Math.round(startMs - fromMs),
    Math.round(endMs - fromMs),
    indexOf.get(name) ?? 0,
    end === "running" ? 2 : end === "succeeded" ? 0 : 1,
  ]);
  return { lanes: lanes.count, bars };
}

function columnsOf(spans: readonly Span[], fromMs: number, columnMs: number): NodeTimeline {
  const busyMs = new Float64Array(COLUMNS);
  const failed = new Uint32Array(COLUMNS);
  for (const { startMs, endMs, end } of spans) {
    const first = Math.max(0, Math.floor((startMs - fromMs) / columnMs));
    const last = Math.min(COLUMNS - 1, Math.floor((endMs - fromMs) / columnMs));
    for (let i = first; i <= last; i++) {
      const columnFrom = fromMs + i * columnMs;
      busyMs[i] += Math.min(endMs, columnFrom + columnMs) - Math.max(startMs, columnFrom);
    }
    if (end !== "running" && end !== "succeeded" && last >= 0) failed[last]++;
  }
  const lanes = lanesOf(spans).count;
  const digit = (value: number) => Math.min(MAX_DIGIT, Math.ceil(value)).toString(36);
  return {
    lanes,
    busy: Array.from(busyMs, (ms) => digit(ms / columnMs / lanes * MAX_DIGIT)).join(""),
    failed: Array.from(failed, digit).join(""),
  };
}

/** The first lane that is free for each span, which come by their start. */
function lanesOf(spans: readonly Span[]): { readonly of: number[]; readonly count: number } {
  const freeFromMs: number[] = [];
  const of = spans.map(({ startMs, endMs }) => {
    let lane = freeFromMs.findIndex((freeMs) => freeMs <= startMs);
    if (lane < 0) lane = freeFromMs.length;
    freeFromMs[lane] = endMs;
    return lane;
  });
  return { of, count: Math.max(1, freeFromMs.length) };
}

function groupByNode(spans: readonly Span[]): [string, Span[]][] {
  const byNode = new Map<string, Span[]>();
  for (const span of spans) {
    const mine = byNode.get(span.nodeId);
    if (mine === undefined) byNode.set(span.nodeId, [span]);
    else mine.push(span);
  }
  const sorted = [...byNode].sort(([a], [b]) => a < b ? -1 : 1);
  for (const [, mine] of sorted) mine.sort((a, b) => a.startMs - b.startMs);
  return sorted;
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}
