import { escapeMarkdown, markdownTable } from "./text.ts";
import type { ReportModel } from "../model/report_model.ts";
import { SELECTION_HEADINGS, selectionRow, selectionSentences } from "../model/selection.ts";

/** The section on the selection as Markdown blocks; none when all symbols were taken. */
export function selectionBlocks({ selection }: ReportModel): readonly string[] {
  if (selection === null) return [];
  const rows = selection.assets.map((asset) => selectionRow(asset).map(escapeMarkdown));
  return [
    "## Selection",
    escapeMarkdown(selectionSentences(selection)),
    markdownTable(SELECTION_HEADINGS, "lrlrrl", rows),
  ];
}
