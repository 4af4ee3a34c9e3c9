import { compareReports } from "../model/comparison.ts";
import type { ReportModel } from "../model/report_model.ts";
import { comparisonTables } from "../text/comparison.ts";
import { escapeMarkdown, markdownOf } from "./text.ts";

/** Two runs side by side as Markdown, with a final newline. */
export function renderComparisonMarkdown(first: ReportModel, second: ReportModel): string {
  const tables = comparisonTables(compareReports(first, second), first);
  return [
    `# ${escapeMarkdown(first.runId)} and ${escapeMarkdown(second.runId)}`,
    "Differences are second minus first.",
    ...tables.length === 0 ? ["Nothing differs."] : [],
    ...tables.flatMap((table) => [`## ${table.caption}`, markdownOf(table)]),
  ].join("\n\n") + "\n";
}
