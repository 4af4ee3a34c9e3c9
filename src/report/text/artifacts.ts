import type { ArtifactBody, ArtifactReport } from "../model/artifacts.ts";
import { formatPercent, NO_VALUE } from "./format.ts";
import type { TextTable } from "./text_table.ts";

/** Rows of a table that a page shows; the JSON file has all. */
const MAX_ROWS = 100;

/** A table that a task left, as texts; columns of numbers stand to the right. */
export function artifactTable(
  title: string,
  { columns, rows }: ArtifactBody & { readonly type: "table" },
): TextTable {
  return {
    caption: title,
    columns: columns.map((label, i) => ({
      label,
      isNumber: rows.length > 0 && rows.every((row) => typeof row[i] === "number"),
    })),
    rows: rows.slice(0, MAX_ROWS).map((row) =>
      row.map((cell) => cell === null ? NO_VALUE : String(cell).replace(/^-(?=\d)/, "−"))
    ),
  };
}

/** How far something is: "42% done". */
export function progressText(fraction: number): string {
  return `${formatPercent(fraction, 0)} done`;
}

/** What is left out of a long table; "" where nothing is. */
export function omittedText(artifact: ArtifactReport): string {
  if (artifact.type !== "table" || artifact.rows.length <= MAX_ROWS) return "";
  return `The first ${MAX_ROWS} of ${artifact.rows.length} rows; report.json has all.`;
}
