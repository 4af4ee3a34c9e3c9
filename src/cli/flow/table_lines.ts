const GAP = "  ";

/** Rows of cells as lines, their columns one below the other. The last column is as long as it is. */
export function tableLines(rows: readonly (readonly string[])[]): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from(
    { length: columns },
    (_, i) => Math.max(...rows.map((row) => (row[i] ?? "").length)),
  );
  return rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i]!)).join(GAP).trimEnd());
}
