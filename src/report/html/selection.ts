import { html, type Markup } from "./markup.ts";
import type { ReportModel } from "../model/report_model.ts";
import {
  SELECTION_HEADINGS,
  type SelectionReport,
  selectionRow,
  selectionSentences,
} from "../model/selection.ts";

/** Who was chosen, how often, and the last reason for each symbol; nothing when all symbols were taken. */
export function selectionSection({ selections }: ReportModel): Markup {
  if (selections.length === 0) return html``;
  return html`
    <section aria-labelledby="selection-title">
      <h2 id="selection-title">Selection</h2>
      ${selections.map(selectionTable)}
    </section>
  `;
}

function selectionTable(selection: SelectionReport): Markup {
  return html`
    <p class="note">${selectionSentences(selection)}</p>
    <div class="scroll">
      <table>
        <caption
          class="hidden">Symbols, how often each was chosen, and why or why not at last</caption>
        <thead>
          <tr>${SELECTION_HEADINGS.map((heading) => html`<th scope="col">${heading}</th>`)}</tr>
        </thead>
        <tbody>${selection.assets.map((asset) => {
          const [symbol, ...cells] = selectionRow(asset);
          return html`<tr><th scope="row">${symbol}</th>${
            cells.map((cell) => html`<td>${cell}</td>`)
          }</tr>`;
        })}</tbody>
      </table>
    </div>
  `;
}
