import type { AttributionReport } from "../model/attribution.ts";
import { formatPercent, NO_VALUE } from "./format.ts";
import { numbers, texts, type TextTable } from "./text_table.ts";

/** More rows than this, by the size of their contributions, become one. */
const MAX_ROWS = 30;

/** Where a total return came from: symbols, costs and the rest, and the total that they add up to. */
export function attributionTable({ rows, rest }: AttributionReport, name: string): TextTable {
  const shown = leadingContributions(rows);
  const others = rows.filter((row) => !shown.includes(row));
  const total = rows.reduce((sum, { contribution }) => sum + contribution, rest);
  return {
    caption: `Total return of ${name} by symbol`,
    columns: [
      ...texts("Symbol"),
      ...numbers("Mean weight", "Bars held", "Contribution", "Share of total"),
    ],
    rows: [
      ...shown.map(({ symbol, meanWeight, heldShare, contribution }) => [
        symbol,
        formatPercent(meanWeight, 1),
        formatPercent(heldShare, 0),
        formatPercent(contribution, 2),
        share(contribution, total),
      ]),
      ...others.length === 0 ? [] : [sumRow(
        `${others.length} other`,
        others.reduce((sum, { contribution }) => sum + contribution, 0),
        total,
      )],
      sumRow("Costs and the rest", rest, total),
      sumRow("Total return", total, total),
    ],
  };
}

/** The rows that are shown, in their order: of too many, those that gave or took the most. */
export function leadingContributions(rows: AttributionReport["rows"]): AttributionReport["rows"] {
  if (rows.length <= MAX_ROWS) return rows;
  const size = (row: AttributionReport["rows"][number]) => Math.abs(row.contribution);
  const largest = new Set(rows.toSorted((a, b) => size(b) - size(a)).slice(0, MAX_ROWS));
  return rows.filter((row) => largest.has(row));
}

function sumRow(label: string, value: number, total: number): string[] {
  return [label, NO_VALUE, NO_VALUE, formatPercent(value, 2), share(value, total)];
}

function share(value: number, total: number): string {
  return total > 0 ? formatPercent(value / total, 1) : NO_VALUE;
}
