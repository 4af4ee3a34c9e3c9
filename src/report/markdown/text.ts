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
