const GAP = "  ";

/** Rows of cells as lines, their columns one below the other, numbers to the right. The last column is as long as it
 * is; a row may be shorter than others. */
export function tableLines(rows: readonly (readonly (string | number)[])[]): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from(
    { length: columns },
    (_, i) => Math.max(...rows.map((row) => String(row[i] ?? "").length)),
  );
  const pad = (cell: string | number, width: number) =>
    typeof cell === "number" ? String(cell).padStart(width) : cell.padEnd(width);
  return rows.map((row) => row.map((cell, i) => pad(cell, widths[i]!)).join(GAP).trimEnd());
}
