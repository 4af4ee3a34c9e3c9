import { formatDecimal } from "../text/format.ts";
import type { TextTable } from "../text/text_table.ts";
import { html, type Markup, type MarkupValue } from "./markup.ts";

const DAY = /^\d{4}-\d\d-\d\d$/;

/** A table that scrolls where it is too wide, in the form of its text.
 * @param className of the table
 * @param decorate what stands in a cell instead of its text
 * @returns nothing for no rows */
export function table(
  { caption, columns, rows }: TextTable,
  className = "",
  decorate: (text: string, row: number, column: number) => MarkupValue = (text) => text,
): Markup {
  if (rows.length === 0) return html``;
  const kind = (column: number) => columns[column]?.isNumber ? "num" : "";
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label="${caption}">
      <table class="${className}">
        <caption class="hidden">${caption}</caption>
        <thead>
          <tr>${columns.map(({ label }, i) =>
            html`<th scope="col" class="${kind(i)}">${label}</th>`
          )}</tr>
        </thead>
        <tbody>${rows.map(([heading = "", ...cells], row) =>
          html`
            <tr><th scope="row">${decorate(heading, row, 0)}</th>${cells.map((cell, i) =>
              html`<td class="${DAY.test(cell) ? "day" : kind(i + 1)}">${
                decorate(cell, row, i + 1)
              }</td>`
            )}</tr>
          `
        )}
        </tbody>
      </table>
    </div>
  `;
}

/** A square table of correlations, tinted by their size: the numbers say the same without colour.
 * @param values rows of −1 to 1, in the order of the names */
export function correlationTable(
  caption: string,
  names: readonly string[],
  values: readonly (readonly number[])[],
): Markup {
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label="${caption}">
      <table class="heat correlations">
        <caption class="hidden">${caption}</caption>
        <thead>
          <tr><th scope="col">Sleeve</th>${names.map((name) =>
            html`<th scope="col">${name}</th>`
          )}</tr>
        </thead>
        <tbody>${names.map((name, i) =>
          html`<tr><th scope="row">${name}</th>${
            (values[i] ?? []).map((value) =>
              html`<td class="${tint(value)}">${formatDecimal(value, 2)}</td>`
            )
          }</tr>`
        )}
        </tbody>
      </table>
    </div>
  `;
}

function tint(correlation: number): string {
  const size = Math.min(3, Math.floor(Math.abs(correlation) * 4));
  return `${correlation < 0 ? "l" : "g"}${size}`;
}
