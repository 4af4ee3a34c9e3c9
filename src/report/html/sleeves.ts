import { candidateLineStyle, SERIES_COLOURS } from "../charts/palette.ts";
import type { Charts } from "../charts/render_charts.ts";
import type { ReportModel } from "../model/report_model.ts";
import type { ContributorsReport, SleevesReport } from "../model/sleeves.ts";
import {
  contributorsTable,
  exposureSentence,
  joinSentence,
  sleevesTable,
} from "../text/sleeves.ts";
import { html, type Markup } from "./markup.ts";
import { correlationTable, table } from "./table.ts";
import { figure, lineKey } from "./figures.ts";

/** The sleeves of a meta-portfolio, how they move together, and the assets behind them; nothing for other runs. */
export function sleevesSection(model: ReportModel, charts: Charts): Markup {
  const { sleeves } = model;
  if (sleeves === null) return html``;
  return html`<section aria-labelledby="sleeves-title">
<h2 id="sleeves-title">Sleeves</h2>
<p class="note">${joinSentence(sleeves)}</p>
${
    sleeves.warnings.length === 0
      ? ""
      : html`<ul class="notices">${
        sleeves.warnings.map((warning) => html`<li>${warning}</li>`)
      }</ul>`
  }
${table(sleevesTable(model, sleeves))}
${figure("Growth of 1, sleeves", "After costs, out of sample.", charts.sleeves, legend(sleeves))}
${correlations(sleeves)}
${model.contributors.map((contributors, i) => contributorsPart(model, contributors, i))}
</section>`;
}

function legend({ sleeves }: SleevesReport): Markup {
  const drawn = sleeves.filter(({ depth, returns }) => depth === 1 && returns.length > 0);
  return html`<ul class="legend" aria-label="Lines">${
    drawn.slice(0, SERIES_COLOURS).map(({ id }, i) =>
      html`<li>${lineKey(candidateLineStyle(i))}${id}</li>`
    )
  }</ul>`;
}

function correlations({ sleeves, correlations }: SleevesReport): Markup {
  const names = sleeves.filter(({ depth, runId }) => depth === 1 && runId !== null)
    .map(({ id }) => id);
  if (names.length < 2 || correlations.length !== names.length) return html``;
  return html`<h3>Correlations of the sleeves</h3>
${correlationTable("Correlations of the sleeves' returns", names, correlations)}`;
}

function contributorsPart(
  model: ReportModel,
  contributors: ContributorsReport,
  index: number,
): Markup {
  const assets = contributorsTable(contributors);
  const sameEngine = model.contributors.every(({ engine }) => engine === contributors.engine);
  const name = sameEngine
    ? contributors.profile
    : `${contributors.engine} · ${contributors.profile}`;
  const body = html`<p class="note">${exposureSentence(contributors)}${
    assets.omitted === 0
      ? ""
      : ` The ${assets.rows.length} largest are shown; the JSON file has all.`
  }</p>
${table(assets)}`;
  return index === 0
    ? html`<h3>Assets behind the sleeves: ${name}</h3>
${body}`
    : html`<details><summary>Assets behind the sleeves: ${name}</summary>
${body}
</details>`;
}
