import type { ReportModel } from "../model/report_model.ts";
import { crossValidationSentences, pathsTable } from "../text/cross_validation.ts";
import { html, type Markup } from "./markup.ts";
import { table } from "./table.ts";

/** How sure the results are; nothing where nobody asked for a cross-validation. */
export function crossValidationSection({ crossValidation }: ReportModel): Markup {
  if (crossValidation === null) return html``;
  return html`<section aria-labelledby="cross-validation-title">
<h2 id="cross-validation-title">Cross-validation</h2>
<p class="note">${crossValidationSentences(crossValidation)}</p>
${table(pathsTable(crossValidation))}
</section>`;
}
