import { candidateNames, rankCandidates } from "../text/candidates.ts";
import type { Chart } from "../charts/draw.ts";
import type { Charts } from "../charts/render_charts.ts";
import type { WeightsChart } from "../charts/weights_charts.ts";
import { formatPercent } from "../text/format.ts";
import { html, type Markup, trusted } from "./markup.ts";
import type { ReportModel } from "../model/report_model.ts";
import {
  areaColour,
  BENCHMARK_LINE_STYLE,
  candidateLineStyle,
  colourReference,
  type LineStyle,
  SERIES_COLOURS,
} from "../charts/palette.ts";
import type { WeightBand } from "../charts/weight_bands.ts";

/** The figures of all candidates: growth, drawdowns, rolling Sharpe ratio and volatility. */
export function growthSection(model: ReportModel, charts: Charts): Markup {
  const legend = lineLegend(model);
  const isUneasy = model.regimes?.some(({ reading }) =>
    reading?.regime === "TURBULENT" || reading?.regime === "CRISIS"
  );
  const logarithmic = charts.equity?.logarithmic === true;
  return html`<section aria-labelledby="growth-title">
<h2 id="growth-title">Growth and risk over time</h2>
${crowdNote(model)}
${
    figure(
      "Growth of 1",
      `Candidates after costs, out of sample.${
        logarithmic ? " Logarithmic axis: equal heights are equal percentages." : ""
      }${isUneasy ? " Shaded: windows that were decided in a turbulent market or a crisis." : ""}`,
      charts.equity,
      legend,
    )
  }
${figure("Drawdown", "Distance from the highest value so far.", charts.drawdowns, legend)}
${
    charts.rollingSharpe === null
      ? html`<p class="note">No rolling Sharpe ratio: the run has less than a year of bars.</p>`
      : figure(
        "Rolling Sharpe ratio, 1 year",
        `Over the last ${
          Math.round(model.periodsPerYear)
        } bars, annualised, without a risk-free rate.`,
        charts.rollingSharpe,
        legend,
      )
  }
${
    figure(
      "Rolling volatility, 1 year",
      `Over the last ${Math.round(model.periodsPerYear)} bars, annualised.`,
      charts.rollingVolatility,
      legend,
    )
  }
</section>`;
}

/** A short stroke in a line's own colour and dashes. */
export function lineKey(style: LineStyle): Markup {
  const dashes = style.dashes.length === 0 ? "" : ` stroke-dasharray="${style.dashes.join(" ")}"`;
  return html`
    <svg class="key" viewBox="0 0 26 10" aria-hidden="true">
      <path d="M0 5H26" fill="none" stroke="${colourReference(style.colour)}" stroke-width="${Math
        .max(1.2, style.widthPx)}" ${trusted(dashes)} />
    </svg>
  `;
}

/** A chart under its title and a note.
 * @param legend of the narrow drawing, which has no names at its lines' ends
 * @returns nothing without a chart */
export function figure(title: string, note: string, chart: Chart | null, legend: Markup): Markup {
  if (chart === null) return html``;
  return html`<figure>
<figcaption><h3>${title}</h3>${note === "" ? "" : html`<p class="note">${note}</p>`}</figcaption>
${drawings(title, chart)}
${legend}
</figure>`;
}

/** Both drawings of a chart; the style sheet shows the one that fits. */
function drawings(title: string, chart: Chart): Markup {
  return html`${drawing(title, "wide", chart.wide)}
${drawing(title, "narrow", chart.narrow)}`;
}

function drawing(title: string, variant: keyof Chart, svg: string): Markup {
  const opening = html`<svg class="${variant}" role="img" aria-label="${title}"`.markup;
  const heading = html`<title>${title}</title>`.markup;
  return trusted(svg.replace(/^<svg([^>]*)>/, (_, rest) => `${opening}${rest}>${heading}`));
}

function lineLegend(model: ReportModel): Markup {
  const names = candidateNames(model.candidates);
  const entries = rankCandidates(model).map((index, rank) =>
    html`<li>${lineKey(candidateLineStyle(rank))}${names[index] ?? ""}</li>`
  );
  const benchmark = model.benchmark === null
    ? []
    : [html`<li>${lineKey(BENCHMARK_LINE_STYLE)}${model.benchmark.label}</li>`];
  return html`<ul class="legend" aria-label="Lines">${[
    ...entries.slice(0, SERIES_COLOURS),
    ...benchmark,
  ]}</ul>`;
}

function crowdNote(model: ReportModel): Markup {
  const grey = model.candidates.length - SERIES_COLOURS;
  if (grey <= 0) return html``;
  return html`
    <p
      class="note">The ${SERIES_COLOURS} best candidates have colours; the other ${grey} are thin grey lines.</p>
  `;
}

/** The weights of each portfolio over the windows, behind tabs. */
export function weightsSection({ weights, omittedWeights }: Charts): Markup {
  if (weights.length === 0) return html``;
  const omission = omittedWeights === 0
    ? ""
    : ` The ${weights.length} best portfolios are shown; the report's JSON file has the weights of ${omittedWeights} more.`;
  return html`
    <section aria-labelledby="weights-title">
      <h2 id="weights-title">Weights over time</h2>
      <p
        class="note">Target weights at the start of each window. The symbols held most overall keep their colour from chart to chart; a gap below 100% is cash.${omission}</p>
      <fieldset class="tabs"><legend>Portfolio</legend>
    ${weights.map(({ label }, i) =>
      html`
        <input class="hidden" type="radio" name="weights" id="weights-tab-${i}"
          aria-controls="weights-panel-${i}" ${trusted(i === 0 ? " checked" : "")}><label
          for="weights-tab-${i}">${label}</label>
      `
    )}<div class="panels">
    ${weights.map(weightsPanel)}
    </div></fieldset>
    </section>
  `;
}

function weightsPanel(chart: WeightsChart, index: number): Markup {
  return html`
    <figure class="weights" id="weights-panel-${index}">
        <figcaption><h3>${chart.label}</h3></figcaption>
        ${drawings(`Weights over time: ${chart.label}`, chart)}
        <table class="bands"><caption class="hidden">Weights, in the order of the stack</caption>
    <thead><tr><th scope="col">Symbol</th><th scope="col" class="num">Mean</th><th scope="col" class="num">Last window</th></tr></thead>
    <tbody>${chart.bands.toReversed().map(bandRow)}
    </tbody></table>
        </figure>
  `;
}

function bandRow({ label, slot, mean, last }: WeightBand): Markup {
  return html`
    <tr>
      <th scope="row"><span class="swatch" style="background:${colourReference(
        areaColour(slot),
      )}"></span>${label}</th>
      <td class="num">${formatPercent(mean, 1)}</td>
      <td class="num">${formatPercent(last, 1)}</td>
    </tr>
  `;
}
