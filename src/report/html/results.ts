import {
  bestCandidates,
  headlineDescriptors,
  otherDescriptors,
  rankCandidates,
} from "../text/candidates.ts";
import { formatDecimal, formatMetric, MONTHS, NO_VALUE } from "../text/format.ts";
import { lineKey } from "./figures.ts";
import { verdictLine } from "./gates.ts";
import { html, type Markup } from "./markup.ts";
import type { MetricDescriptor, ReportModel } from "../model/report_model.ts";
import { monthlyReturns } from "../model/monthly_returns.ts";
import { candidateLineStyle } from "../charts/palette.ts";

const COLUMNS_PER_TABLE = 8;

/** Monthly returns in per cent from which the heat table's tints begin. */
const TINT_FROM_PERCENT = [1, 3, 6];

/** The key figures of the candidate that ranks first, and what that rank is worth. */
export function leadSection(model: ReportModel, names: readonly string[], lead: number): Markup {
  const candidate = model.candidates[lead];
  const ranking = model.metricDescriptors.find(({ name }) => name === model.rankingMetric);
  const label = ranking?.label ?? model.rankingMetric;
  const end = ranking?.higherIsBetter === false ? "Lowest" : "Highest";
  const count = model.candidates.length;
  return html`
    <section class="lead" aria-labelledby="lead-title">
      <h2 id="lead-title">${names[lead] ?? ""}${count > 1
        ? html`
          <span>${end} ${label} of ${count} candidates</span>
        `
        : ""}</h2>
      ${candidate === undefined ? "" : verdictLine(candidate, model)}
      <dl class="figures">${headlineDescriptors(model).map((descriptor) =>
        html`
          <div>
            <dt>${descriptor.label}</dt>
            <dd>${candidate ? formatMetric(candidate, descriptor) : NO_VALUE}</dd>
          </div>
        `
      )}</dl>
    </section>
  `;
}

/** The table of key metrics, and behind a fold the tables of all the others. Rows are candidates. */
export function metricsSections(model: ReportModel, names: readonly string[]): Markup {
  if (model.candidates.length === 0) return html``;
  const others = otherDescriptors(model);
  const tables = chunk(others, COLUMNS_PER_TABLE);
  return html`<section aria-labelledby="results-title">
<h2 id="results-title">Results</h2>
<p class="note">Out of sample, after costs, annualised by ${model.periodsPerYear} bars a year. ★ marks the best of each column.${
    model.candidates.length > 1
      ? " Picking the best of several on the same data overstates what to expect from it."
      : ""
  }</p>
${metricsTable(model, names, headlineDescriptors(model), "Key metrics")}
${
    tables.length === 0 ? "" : html`<details><summary>${others.length} more metrics</summary>
${
      tables.map((descriptors, i) =>
        metricsTable(model, names, descriptors, `More metrics, part ${i + 1} of ${tables.length}`)
      )
    }
</details>`
  }
${glossary(model.metricDescriptors)}
</section>`;
}

/** How each metric is computed, behind a fold. */
function glossary(descriptors: readonly MetricDescriptor[]): Markup {
  const entries = descriptors.flatMap(({ label, formula }) =>
    formula === undefined ? [] : [html`
      <dt>${label}</dt>
      <dd>${formula}</dd>
    `]
  );
  if (entries.length === 0) return html``;
  return html`
    <details>
      <summary>How the metrics are computed</summary>
      <dl class="facts">${entries}</dl>
    </details>
  `;
}

function metricsTable(
  model: ReportModel,
  names: readonly string[],
  descriptors: readonly MetricDescriptor[],
  caption: string,
): Markup {
  const best = descriptors.map((descriptor) => bestCandidates(model.candidates, descriptor));
  const ranks = rankCandidates(model);
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label="${caption}">
      <table class="metrics">
        <caption class="hidden">${caption}</caption>
        <thead>
          <tr><th scope="col">Candidate</th>${descriptors.map(({ label }) =>
            html`<th scope="col" class="num">${label}</th>`
          )}</tr>
        </thead>
        <tbody>${model.candidates.map((candidate, row) =>
          html`
            <tr><th scope="row">${lineKey(candidateLineStyle(ranks.indexOf(row)))}${names[row] ??
              ""}</th>${descriptors.map((descriptor, column) => {
                const text = formatMetric(candidate, descriptor);
                return best[column]?.has(row)
                  ? html`
                    <td
                      class="num best"><span class="star" aria-hidden="true">★</span>${text}<span class="hidden"> (best)</span></td>
                  `
                  : html`<td class="num">${text}</td>`;
              })}</tr>
          `
        )}
        </tbody>
      </table>
    </div>
  `;
}

/** The leading candidate's returns by month and year, tinted by their size; the signs say the same without colour. */
export function monthlySection(
  model: ReportModel,
  names: readonly string[],
  lead: number,
): Markup {
  const candidate = model.candidates[lead];
  const years = candidate === undefined ? [] : monthlyReturns(candidate);
  if (years.length === 0) return html``;
  return html`
    <section aria-labelledby="months-title">
      <h2 id="months-title">Monthly returns</h2>
      <p
        class="note">${names[lead] ??
          ""}, in per cent, after costs. The first and the last month may be partial.</p>
      <div class="scroll" tabindex="0" role="region" aria-label="Monthly returns">
        <table class="heat">
          <caption class="hidden">Monthly returns in per cent</caption>
          <thead>
            <tr><th scope="col">Year</th>${MONTHS.map((month) =>
              html`<th scope="col">${month}</th>`
            )}<th scope="col" class="total">Year total</th></tr>
          </thead>
          <tbody>${years.map(({ year, months, total }) =>
            html`
              <tr><th scope="row">${year}</th>${months.map((value, month) =>
                monthCell(value, `${MONTHS[month]} ${year}`)
              )}<td class="total">${formatDecimal(total * 100, 1)}</td></tr>
            `
          )}
          </tbody>
        </table>
      </div>
    </section>
  `;
}

function monthCell(value: number | null, month: string): Markup {
  if (value === null) return html`<td class="none">${NO_VALUE}</td>`;
  const tint = TINT_FROM_PERCENT.filter((from) => Math.abs(value) * 100 >= from).length;
  const text = formatDecimal(value * 100, 1);
  return html`<td class="${value < 0 ? "l" : "g"}${tint}" title="${month}: ${text}%">${text}</td>`;
}

function chunk<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from(
    { length: Math.ceil(items.length / size) },
    (_, i) => items.slice(i * size, (i + 1) * size),
  );
}
