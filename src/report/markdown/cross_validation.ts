import type { ReportModel } from "../model/report_model.ts";
import { crossValidationSentences, pathsTable } from "../text/cross_validation.ts";
import { markdownOf } from "./text.ts";

/** How sure the results are, as Markdown blocks; none where nobody asked for a cross-validation. */
export function crossValidationBlocks({ crossValidation }: ReportModel): readonly string[] {
  if (crossValidation === null) return [];
  return [
    "## Cross-validation",
    crossValidationSentences(crossValidation),
    markdownOf(pathsTable(crossValidation)),
  ];
}
