import { html, type Markup, type MarkupValue } from "./markup.ts";

/** A column: its heading, and whether it holds numbers, which stand to the right. */
export interface TableColumn {
  readonly label: string;
  readonly isNumber?: boolean;
}

/** A table that scrolls where it is too wide; the first cell of a row is its heading.
 * @param caption for those who cannot see what stands above it
 * @param className of the table
 * @returns nothing for no rows */
export function table(
  caption: string,
  columns: readonly TableColumn[],
  rows: readonly (readonly MarkupValue[])[],
  className = "",
): Markup {
  if (rows.length === 0) return html``;
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label="${caption}">
      <table class="${className}">
        <caption class="hidden">${caption}</caption>
        <thead>
          <tr>${columns.map(({ label, isNumber }) =>
            html`<th scope="col" class="${isNumber ? "num" : ""}">${label}</th>`
          )}</tr>
        </thead>
        <tbody>${rows.map(([heading = "", ...cells]) =>
          html`
            <tr><th scope="row">${heading}</th>${cells.map((cell, i) =>
              html`<td class="${columns[i + 1]?.isNumber ? "num" : ""}">${cell}</td>`
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
              html`<td class="${tint(value)}">${value.toFixed(2).replace("-", "−")}</td>`
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
