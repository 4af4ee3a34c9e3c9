import { escapeMarkdown, markdownTable } from "./text.ts";
import type { ReportModel } from "../model/report_model.ts";
import { SELECTION_HEADINGS, selectionRow, selectionSentences } from "../model/selection.ts";

/** The section on the selection as Markdown blocks; none when all symbols were taken. */
export function selectionBlocks({ selections }: ReportModel): readonly string[] {
  if (selections.length === 0) return [];
  return [
    "## Selection",
    ...selections.flatMap((selection) => [
      escapeMarkdown(selectionSentences(selection)),
      markdownTable(
        SELECTION_HEADINGS,
        "lrlrrl",
        selection.assets.map((asset) => selectionRow(asset).map(escapeMarkdown)),
      ),
    ]),
  ];
}
