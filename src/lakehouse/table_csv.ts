import type { Column } from "./columns.ts";
import { formatTimestampS } from "./timestamp_text.ts";

/** Columns as CSV (RFC 4180 but for line ends of `\n`): times as ISO 8601, numbers to their last digit, nothing where a
 * value is missing. */
export function encodeCsv(columns: readonly Column[]): string {
  const rows = columns[0]?.values.length ?? 0;
  const lines = [columns.map(({ name }) => quoted(name)).join(",")];
  for (let i = 0; i < rows; i++) lines.push(columns.map((column) => cellOf(column, i)).join(","));
  return `${lines.join("\n")}\n`;
}

function cellOf({ dtype, values }: Column, i: number): string {
  const value = values[i];
  if (value === null || Number.isNaN(value)) return "";
  if (typeof value === "string") return quoted(value);
  return dtype === "timestamp" || dtype === "date" ? formatTimestampS(value) : String(value);
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
