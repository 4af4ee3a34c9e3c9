import type { ReportModel } from "../model/report_model.ts";
import { candidateMatrix, type MatrixCell } from "../text/matrix.ts";
import { html, type Markup } from "./markup.ts";

/** Profiles × engines × simulators at one glance; nothing where profiles alone tell candidates apart. */
export function matrixSection(model: ReportModel): Markup {
  const matrix = candidateMatrix(model);
  if (matrix === null) return html``;
  const { label, profiles, columns, cells } = matrix;
  return html`
    <section aria-labelledby="matrix-title">
      <h2 id="matrix-title">${label} by profile, engine and simulator</h2>
      <p class="note">The darker, the better among all candidates. ✓ passes every candidate gate.</p>
      <div class="scroll" tabindex="0" role="region" aria-label="${label} of all candidates">
        <table class="heat matrix">
          <caption class="hidden">${label} of all candidates</caption>
          <thead>
            <tr><th scope="col">Profile</th>${columns.map((column) =>
              html`<th scope="col">${column}</th>`
            )}</tr>
          </thead>
          <tbody>${profiles.map((profile, row) =>
            html`<tr><th scope="row">${profile}</th>${(cells[row] ?? []).map(cellOf)}</tr>`
          )}</tbody>
        </table>
      </div>
    </section>
  `;
}

function cellOf(cell: MatrixCell | null): Markup {
  if (cell === null) return html`<td class="none">–</td>`;
  const { text, standing, isPassed } = cell;
  const tint = standing === null ? "none" : `g${Math.min(3, Math.floor(standing * 4))}`;
  return html`<td class="${tint}">${text}${
    isPassed
      ? html`
        <span aria-hidden="true">✓</span><span class="hidden"> (passes all gates)</span>
      `
      : ""
  }</td>`;
}
