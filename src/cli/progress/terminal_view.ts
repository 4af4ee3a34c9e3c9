import { type ProgressState, remainingMs, type StageProgress, type StageStatus } from "./state.ts";
import {
  createPainter,
  formatDuration,
  type Painter,
  printable,
  type TextStyle,
  textWidth,
  truncate,
} from "./terminal_text.ts";

/** What a frame is drawn for. */
export interface FrameOptions {
  /** The time that it shows, in milliseconds since the epoch. */
  readonly nowMs: number;
  /** Columns of the terminal; lines stay one short of it, since some terminals wrap at the last. */
  readonly columns: number;
  /** Rows of the terminal; a frame never fills them all. */
  readonly rows: number;
  /** Whether to write colours. */
  readonly color: boolean;
}

const MARKS: Record<StageStatus, { readonly mark: string; readonly style: TextStyle }> = {
  pending: { mark: "·", style: "dim" },
  running: { mark: "▸", style: "cyan" },
  finished: { mark: "✓", style: "green" },
  failed: { mark: "✗", style: "red" },
  cancelled: { mark: "–", style: "yellow" },
};

const MAX_NAME_COLUMNS = 16;
const MAX_BAR_COLUMNS = 28;
const MIN_BAR_COLUMNS = 6;

/** The lines of a display that is redrawn in place: one a stage, two for a running one, and how the run ended. */
export function renderFrame(state: ProgressState, options: FrameOptions): readonly string[] {
  const columns = Math.max(1, options.columns - 1);
  const paint = createPainter(options.color);
  const names = state.stages.map(({ name }) => textWidth(printable(name)));
  const nameColumns = Math.min(MAX_NAME_COLUMNS, Math.max(0, ...names), Math.floor(columns / 3));
  const lines = state.stages.flatMap((stage) => {
    const first = stageLine(stage, columns, nameColumns, paint);
    return stage.status === "running"
      ? [first, paint("dim", runningLine(state, stage, columns, nameColumns, options.nowMs))]
      : [first];
  });
  return fitRows([...lines, ...outcomeLines(state, columns, paint)], options.rows);
}

function stageLine(
  stage: StageProgress,
  columns: number,
  nameColumns: number,
  paint: Painter,
): string {
  const { mark, style } = MARKS[stage.status];
  const name = pad(truncate(printable(stage.name), nameColumns), nameColumns);
  const rest = Math.max(0, columns - nameColumns - 4);
  const shown = stage.status === "pending" ? paint("dim", name) : name;
  return `${paint(style, mark)} ${shown}${stageText(stage, rest, paint)}`.trimEnd();
}

/** What follows a stage's name, two columns apart and at most `columns` wide. */
function stageText(stage: StageProgress, columns: number, paint: Painter): string {
  switch (stage.status) {
    case "pending":
      return "";
    case "running":
      return stage.total === null ? "" : `  ${progressBar(stage, stage.total, columns, paint)}`;
    default: {
      const duration = formatDuration(stage.durationMs);
      const detailColumns = columns - textWidth(duration) - 2;
      if (stage.detail === "" || detailColumns < 8) {
        return `  ${paint("dim", truncate(duration, columns))}`;
      }
      return `  ${truncate(printable(stage.detail), detailColumns)}  ${paint("dim", duration)}`;
    }
  }
}

function progressBar(stage: StageProgress, total: number, columns: number, paint: Painter): string {
  const counts = `${stage.done}/${total}`;
  const barColumns = Math.min(MAX_BAR_COLUMNS, columns - textWidth(counts) - 2);
  if (barColumns < MIN_BAR_COLUMNS) return truncate(counts, columns);
  const share = total > 0 ? Math.min(1, Math.max(0, stage.done / total)) : 0;
  const filled = Math.floor(share * barColumns);
  return `${paint("cyan", "█".repeat(filled))}${
    paint("dim", "░".repeat(barColumns - filled))
  }  ${counts}`;
}

function runningLine(
  state: ProgressState,
  stage: StageProgress,
  columns: number,
  nameColumns: number,
  nowMs: number,
): string {
  const remaining = remainingMs(stage, nowMs);
  const parts = [
    formatDuration(nowMs - stage.startedMs),
    ...(remaining === null ? [] : [`about ${formatDuration(remaining)} left`]),
    ...(stage.running > 0 ? [`${stage.running} running`] : []),
    ...(stage.cached > 0 ? [`${stage.cached} cached`] : []),
    ...(state.workers === null
      ? []
      : [state.workers === 1 ? "1 worker" : `${state.workers} workers`]),
  ];
  const indent = " ".repeat(nameColumns + 4);
  return truncate(indent + parts.join(" · "), columns);
}

function outcomeLines(state: ProgressState, columns: number, paint: Painter): readonly string[] {
  const { outcome } = state;
  switch (outcome.type) {
    case "underway":
      return [];
    case "finished":
      return [
        paint("green", truncate(`Finished in ${formatDuration(outcome.durationMs)}`, columns)),
      ];
    case "failed":
      return [paint("red", truncate(`Failed: ${printable(outcome.message)}`, columns))];
    case "cancelled":
      return [paint("yellow", truncate(`Cancelled: ${printable(outcome.reason)}`, columns))];
  }
}

/** A frame taller than the screen could not be redrawn in place: its first lines go. */
function fitRows(lines: readonly string[], rows: number): readonly string[] {
  return lines.slice(-Math.max(1, rows - 1));
}

function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - textWidth(text)));
}
