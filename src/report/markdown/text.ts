import type { TextTable } from "../text/text_table.ts";

/** Text with Markdown's and HTML's syntax escaped, on one line. */
export function escapeMarkdown(text: string): string {
  return text.replaceAll(/\s+/g, " ").replaceAll(/[\\`*_{}[\]<>()#+!|~&$]/g, "\\$&");
}

/** A table in GitHub's syntax.
 * @param alignment one `l` or `r` a column
 * @param rows cells that are escaped already */
export function markdownTable(
  headings: readonly string[],
  alignment: string,
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = [...alignment].map((side) => side === "r" ? "---:" : ":---");
  return [headings, rule, ...rows].map(line).join("\n");
}

/** A table of texts in GitHub's syntax, escaped; nothing for no rows. */
export function markdownOf({ columns, rows }: TextTable): string {
  if (rows.length === 0) return "";
  return markdownTable(
    columns.map(({ label }) => escapeMarkdown(label)),
    columns.map(({ isNumber }) => isNumber ? "r" : "l").join(""),
    rows.map((row) => row.map(escapeMarkdown)),
  );
}
