import type { ReportModel } from "../model/report_model.ts";
import {
  CONTRIBUTOR_HEADINGS,
  contributorRows,
  exposureSentence,
  joinSentence,
  sleeveHeadings,
  sleeveRow,
} from "../text/sleeves.ts";
import { escapeMarkdown, markdownTable } from "./text.ts";

/** The sleeves of a meta-portfolio and the assets behind them as Markdown blocks; none for other runs. */
export function sleeveBlocks(model: ReportModel): readonly string[] {
  const { sleeves, contributors } = model;
  if (sleeves === null) return [];
  const headings = sleeveHeadings(model).map(escapeMarkdown);
  return [
    "## Sleeves",
    joinSentence(sleeves),
    ...sleeves.warnings.map((warning) => `> **Note:** ${escapeMarkdown(warning)}`),
    markdownTable(
      headings,
      `llll${"r".repeat(headings.length - 5)}l`,
      sleeves.sleeves.map((sleeve) => {
        const [id = "", ...cells] = sleeveRow(model, sleeve);
        return ["› ".repeat(sleeve.depth - 1) + id, ...cells].map(escapeMarkdown);
      }),
    ),
    ...contributors.flatMap((one) => [
      `### Assets behind the sleeves: ${escapeMarkdown(`${one.engine} · ${one.profile}`)}`,
      exposureSentence(one),
      markdownTable(
        CONTRIBUTOR_HEADINGS,
        "lrrl",
        contributorRows(one).rows.map((row) => row.map(escapeMarkdown)),
      ),
    ]),
  ];
}
