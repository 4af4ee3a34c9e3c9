import type { ReportModel } from "../model/report_model.ts";
import {
  contributorsTable,
  exposureSentence,
  joinSentence,
  sleevesTable,
} from "../text/sleeves.ts";
import { escapeMarkdown, markdownOf } from "./text.ts";

/** The sleeves of a meta-portfolio and the assets behind them as Markdown blocks; none for other runs. */
export function sleeveBlocks(model: ReportModel): readonly string[] {
  const { sleeves, contributors } = model;
  if (sleeves === null) return [];
  return [
    "## Sleeves",
    joinSentence(sleeves),
    ...sleeves.warnings.map((warning) => `> **Note:** ${escapeMarkdown(warning)}`),
    markdownOf(sleevesTable(model, sleeves)),
    ...contributors.flatMap((one) => [
      `### Assets behind the sleeves: ${escapeMarkdown(`${one.engine} · ${one.profile}`)}`,
      exposureSentence(one),
      markdownOf(contributorsTable(one)),
    ]),
  ];
}
