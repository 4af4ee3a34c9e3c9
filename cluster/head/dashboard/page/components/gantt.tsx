import { useEffect, useRef, useState } from "preact/hooks";
import type { Timeline } from "../../schemas/runs.ts";
import { formatCount, formatDuration } from "../format.ts";
import { axisTicks, type GanttRow, ganttRows } from "../gantt_layout.ts";
import { onColoursChanged } from "../theme.ts";

const AXIS_PX = 22;
const MAX_HEIGHT_PX = 460;
const MAX_DIGIT = 35;
const TONES = ["--good", "--bad", "--busy"];
const STATES = ["succeeded", "did not succeed", "running"];

/** A stretch of time, in milliseconds since the Unix epoch. */
export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The attempts of a run over time, one row a node. Dragging over it looks closer. */
export function Gantt({ timeline, onSelect }: {
  readonly timeline: Timeline;
  readonly onSelect: (range: TimeRange) => void;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const [hint, setHint] = useState("");
  const drag = useRef<{ fromX: number; toX: number } | undefined>(undefined);
  const rows = ganttRows(timeline.nodes);
  const heightPx = rows.reduce((sum, row) => Math.max(sum, row.topPx + row.heightPx), 0);
  const viewPx = Math.min(MAX_HEIGHT_PX, heightPx);
  const spanMs = timeline.toMs - timeline.fromMs;
  const draw = () => {
    const element = canvas.current;
    if (element === null || scroller.current === null) return;
    paint(element, timeline, rows, scroller.current.scrollTop, drag.current);
  };
  useEffect(() => {
    draw();
    const observer = new ResizeObserver(draw);
    if (canvas.current !== null) observer.observe(canvas.current);
    const ignoreColours = onColoursChanged(draw);
    return () => {
      observer.disconnect();
      ignoreColours();
    };
  }, [timeline]);
  const xOf = (event: PointerEvent) => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  };
  const onPointerMove = (event: PointerEvent) => {
    if (drag.current !== undefined) drag.current.toX = xOf(event);
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const y = event.clientY - box.top + (scroller.current?.scrollTop ?? 0);
    setHint(describe(timeline, rows, xOf(event), y));
    draw();
  };
  const onPointerUp = () => {
    const range = drag.current;
    drag.current = undefined;
    draw();
    if (range === undefined || Math.abs(range.toX - range.fromX) < 0.01) return;
    const [from, to] = [Math.min(range.fromX, range.toX), Math.max(range.fromX, range.toX)];
    onSelect({
      fromMs: Math.round(timeline.fromMs + from * spanMs),
      toMs: Math.round(timeline.fromMs + to * spanMs),
    });
  };
  return (
    <div class="gantt">
      <div
        class="gantt-scroll"
        ref={scroller}
        onScroll={draw}
        style={{ height: `${viewPx}px` }}
        tabIndex={0}
        role="region"
        aria-label="Attempts over time, by node"
      >
        <div class="gantt-labels" style={{ height: `${heightPx}px` }}>
          {rows.map((row) => (
            <a
              key={row.nodeId}
              href={`#/nodes/${encodeURIComponent(row.nodeId)}`}
              style={{ top: `${row.topPx}px`, height: `${row.heightPx}px` }}
              title={row.nodeId}
            >
              {row.nodeId}
            </a>
          ))}
        </div>
        <div class="gantt-plot" style={{ height: `${heightPx}px` }}>
          <canvas
            ref={canvas}
            style={{ height: `${viewPx}px` }}
            onPointerDown={(event) => drag.current = { fromX: xOf(event), toX: xOf(event) }}
            onPointerMove={onPointerMove}
            onPointerUp={onPointerUp}
            onPointerLeave={() => setHint("")}
          />
        </div>
      </div>
      <div class="gantt-axis" style={{ height: `${AXIS_PX}px` }} aria-hidden="true">
        {axisTicks(spanMs, 6).map((atMs) => (
          <span key={atMs} style={{ left: `${100 * atMs / spanMs}%` }}>
            {atMs === 0 ? "0" : formatDuration(atMs)}
          </span>
        ))}
      </div>
      <p class="gantt-hint" aria-live="off">{hint || legendOf(timeline)}</p>
    </div>
  );
}

function legendOf({ attempts, columnMs }: Timeline): string {
  return columnMs === undefined
    ? `${formatCount(attempts)} attempts. Point at one to see it; drag to look closer.`
    : `${formatCount(attempts)} attempts, ${
      formatDuration(columnMs)
    } a column: the fuller, the busier its node. Drag to look closer.`;
}

function describe(timeline: Timeline, rows: readonly GanttRow[], x: number, y: number): string {
  const row = rows.find(({ topPx, heightPx }) => y >= topPx && y < topPx + heightPx);
  if (row === undefined) return "";
  const { bars, busy, failed, lanes } = timeline.nodes[row.nodeId];
  const atMs = x * (timeline.toMs - timeline.fromMs);
  if (bars !== undefined) {
    const lane = Math.floor((y - row.topPx) / row.lanePx);
    const bar = bars.find(([of, start, end]) => of === lane && start <= atMs && atMs <= end);
    if (bar === undefined) return `${row.nodeId}, at ${formatDuration(atMs)}`;
    const [, start, end, name, state] = bar;
    return `${timeline.names[name]} on ${row.nodeId}: ${STATES[state]}, from ${
      formatDuration(start)
    } for ${formatDuration(end - start)}`;
  }
  const column = Math.floor(atMs / (timeline.columnMs ?? 1));
  const share = parseInt(busy?.[column] ?? "0", 36) / MAX_DIGIT;
  const bad = parseInt(failed?.[column] ?? "0", 36);
  return `${row.nodeId}, at ${formatDuration(atMs)}: ${
    Math.round(100 * share)
  } % busy (${lanes} at most)` +
    (bad > 0 ? `, ${bad}${bad === MAX_DIGIT ? " or more" : ""} ended badly` : "");
}

function paint(
  canvas: HTMLCanvasElement,
  timeline: Timeline,
  rows: readonly GanttRow[],
  scrollTop: number,
  drag: { readonly fromX: number; readonly toX: number } | undefined,
): void {
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = devicePixelRatio;
  canvas.width = width * scale;
  canvas.height = height * scale;
  const context = canvas.getContext("2d");
  if (context === null || width === 0) return;
  context.scale(scale, scale);
  const style = getComputedStyle(canvas);
  const colourOf = (name: string) => style.getPropertyValue(name).trim();
  const tones = TONES.map(colourOf);
  const spanMs = timeline.toMs - timeline.fromMs;
  for (const row of rows) {
    const top = row.topPx - scrollTop;
    if (top + row.heightPx < 0 || top > height) continue;
    context.fillStyle = colourOf("--wash");
    context.fillRect(0, top, width, row.heightPx);
    const { bars, busy, failed } = timeline.nodes[row.nodeId];
    for (const [lane, start, end, , state] of bars ?? []) {
      const x = width * start / spanMs;
      // Neighbours stay apart, and the shortest is still to be seen.
      const barWidth = Math.max(1, width * (end - start) / spanMs - 0.5);
      context.fillStyle = tones[state];
      context.fillRect(x, top + lane * row.lanePx, barWidth, Math.max(2, row.lanePx - 1));
    }
    if (busy !== undefined) {
      paintColumns(context, busy, failed ?? "", top, row.heightPx, width, tones);
    }
  }
  if (drag !== undefined) {
    context.globalAlpha = 0.2;
    context.fillStyle = colourOf("--accent");
    context.fillRect(
      width * Math.min(drag.fromX, drag.toX),
      0,
      width * Math.abs(drag.toX - drag.fromX),
      height,
    );
    context.globalAlpha = 1;
  }
}

function paintColumns(
  context: CanvasRenderingContext2D,
  busy: string,
  failed: string,
  top: number,
  heightPx: number,
  width: number,
  tones: readonly string[],
): void {
  const columnPx = width / busy.length;
  for (let i = 0; i < busy.length; i++) {
    const share = parseInt(busy[i], 36) / MAX_DIGIT;
    const isBad = failed[i] !== undefined && failed[i] !== "0";
    if (share === 0 && !isBad) continue;
    context.fillStyle = tones[0];
    context.fillRect(i * columnPx, top + heightPx * (1 - share), columnPx + 0.3, heightPx * share);
    if (!isBad) continue;
    context.fillStyle = tones[1];
    context.fillRect(i * columnPx, top + heightPx - 4, columnPx + 0.3, 4);
  }
}
