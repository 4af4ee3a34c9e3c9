import {
  bestCandidates,
  candidateNames,
  headlineDescriptors,
  rankCandidates,
} from "../report/text/candidates.ts";
import { formatMetric } from "../report/text/format.ts";
import type { MetricDescriptor, ReportModel } from "../report/model/report_model.ts";
import {
  createPainter,
  formatDuration,
  type Painter,
  printable,
  textWidth,
  truncate,
} from "./progress/terminal_text.ts";

/** What the run's end adds to its report model. */
export interface RunSummary {
  /** Where the HTML report lies. */
  readonly reportPath: string;
  /** How long the run took. */
  readonly elapsedMs: number;
  /** Tasks whose result came from the cache, of all. */
  readonly cachedTasks: number;
  /** All tasks. */
  readonly totalTasks: number;
}

/** What the summary is written for. */
export interface SummaryTarget {
  /** Whether to write colours. */
  readonly color: boolean;
  /** Columns of the terminal; 0 where unknown, then 80. */
  readonly width: number;
}

interface Column {
  /** Its lines. */
  readonly heading: readonly string[];
  /** One text a candidate. */
  readonly cells: readonly string[];
  readonly best: ReadonlySet<number>;
  readonly width: number;
}

/** A table's shape, from roomy to dense. */
interface Layout {
  readonly wrapHeadings: boolean;
  readonly gap: string;
}

const LAYOUTS: readonly Layout[] = [
  { wrapHeadings: false, gap: "  " },
  { wrapHeadings: true, gap: "  " },
  { wrapHeadings: true, gap: " " },
];
const NAME_HEADING = "Candidate";
/** Names are cut to no less than this before metrics go below each other. */
const MIN_NAME_WIDTH = 12;
const BEST_MARK = "*";

/** The last thing that a run prints: candidates × key metrics, the best of each column marked, then where the report
 * lies, the run id, the time taken and what the cache saved. With a final newline.
 * A table too wide for the terminal gets headings of several lines, then cut names; if it is too wide still, each
 * candidate becomes a block with one metric a line. */
export function renderSummary(model: ReportModel, run: RunSummary, target: SummaryTarget): string {
  const width = target.width > 0 ? target.width : 80;
  const paint = createPainter(target.color);
  const notices = model.notices.map((notice) => paint("yellow", `! ${printable(notice)}`));
  const lines = [
    ...notices,
    ...resultLines(model, width, paint),
    "",
    ...runLines(model, run, paint),
  ];
  return `${lines.join("\n")}\n`;
}

function resultLines(model: ReportModel, width: number, paint: Painter): readonly string[] {
  if (model.candidates.length === 0) return ["The run has no candidate."];
  const names = candidateNames(model.candidates).map(printable);
  const fullWidth = Math.max(NAME_HEADING.length, ...names.map(textWidth));
  const lead = rankCandidates(model)[0];
  const headline = headlineDescriptors(model);
  for (const layout of LAYOUTS) {
    const columns = headline.map((descriptor) => toColumn(model, descriptor, layout));
    const room = width - columns.reduce((sum, column) => sum + layout.gap.length + column.width, 0);
    const enough = layout === LAYOUTS.at(-1) ? Math.min(MIN_NAME_WIDTH, fullWidth) : fullWidth;
    if (room < enough) continue;
    return tableLines(names, columns, {
      nameWidth: Math.min(fullWidth, room),
      layout,
      lead,
      paint,
    });
  }
  const columns = headline.map((descriptor) =>
    toColumn(model, descriptor, { wrapHeadings: false, gap: "" })
  );
  return blockLines(names, columns, lead, paint);
}

function toColumn(model: ReportModel, descriptor: MetricDescriptor, layout: Layout): Column {
  const best = bestCandidates(model.candidates, descriptor);
  const cells = model.candidates.map((candidate, row) => {
    const text = printable(formatMetric(candidate, descriptor));
    return `${text}${best.has(row) ? BEST_MARK : " "}`;
  });
  const label = printable(descriptor.label);
  const heading = layout.wrapHeadings ? label.split(" ") : [label];
  // One column more than the heading: the mark's.
  const width = Math.max(...heading.map((line) => textWidth(line) + 1), ...cells.map(textWidth));
  return { heading, cells, best, width };
}

interface TableStyle {
  readonly nameWidth: number;
  readonly layout: Layout;
  readonly lead: number | undefined;
  readonly paint: Painter;
}

function tableLines(
  names: readonly string[],
  columns: readonly Column[],
  { nameWidth, layout, lead, paint }: TableStyle,
): readonly string[] {
  const height = Math.max(1, ...columns.map(({ heading }) => heading.length));
  const headingLines = Array.from({ length: height }, (_, line) => {
    const cells = columns.map(({ heading, width }) =>
      `${heading[line - (height - heading.length)] ?? ""} `.padStart(width)
    );
    const first = padTo(line === height - 1 ? NAME_HEADING : "", nameWidth);
    return paint("dim", [first, ...cells].join(layout.gap).trimEnd());
  });
  const tableWidth = columns.reduce((sum, { width }) => sum + layout.gap.length + width, nameWidth);
  return [
    ...headingLines,
    paint("dim", "─".repeat(tableWidth)),
    ...names.map((name, row) => {
      const shown = padTo(truncate(name, nameWidth), nameWidth);
      const cells = columns.map((column) => cellText(column, row, column.width, paint));
      return [row === lead ? paint("bold", shown) : shown, ...cells].join(layout.gap).trimEnd();
    }),
    ...bestNote(columns, paint),
  ];
}

/** One block a candidate, one metric a line. */
function blockLines(
  names: readonly string[],
  columns: readonly Column[],
  lead: number | undefined,
  paint: Painter,
): readonly string[] {
  const labelWidth = Math.max(...columns.map(({ heading }) => textWidth(heading.join(" "))));
  const valueWidth = Math.max(...columns.flatMap(({ cells }) => cells.map(textWidth)));
  const blocks = names.flatMap((name, row) => [
    row === lead ? paint("bold", name) : name,
    ...columns.map((column) =>
      `  ${padTo(column.heading.join(" "), labelWidth)}  ${
        cellText(column, row, valueWidth, paint)
      }`
        .trimEnd()
    ),
  ]);
  return [...blocks, ...bestNote(columns, paint)];
}

function cellText(column: Column, row: number, width: number, paint: Painter): string {
  const text = column.cells[row] ?? "";
  const padding = " ".repeat(Math.max(0, width - textWidth(text)));
  return padding + (column.best.has(row) ? paint("green", text) : text);
}

function runLines(model: ReportModel, run: RunSummary, paint: Painter): readonly string[] {
  const facts = [
    ["Report", printable(run.reportPath)],
    ["Run", printable(model.runId)],
    ["Elapsed", formatDuration(run.elapsedMs)],
    ["Cached", `${run.cachedTasks} of ${run.totalTasks} tasks`],
  ] as const;
  return facts.map(([label, value]) => `${paint("dim", label.padEnd(9))}${value}`);
}

function bestNote(columns: readonly Column[], paint: Painter): readonly string[] {
  const marked = columns.some(({ best }) => best.size > 0);
  return marked ? [paint("dim", `${BEST_MARK} best of all candidates`)] : [];
}

function padTo(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - textWidth(text)));
}
