import { candidateNames, rankCandidates } from "../text/candidates.ts";
import type { Charts } from "../charts/render_charts.ts";
import { artifactsSection } from "./artifacts.ts";
import { crossValidationSection } from "./cross_validation.ts";
import { growthSection, weightsSection } from "./figures.ts";
import { dataSection, healthSection, remarksSection } from "./data.ts";
import { gatesSection } from "./gates.ts";
import { attributionSection, drawdownsSection, tradingSection } from "./lead_tables.ts";
import { clustersSection, regimesSection } from "./market.ts";
import { matrixSection } from "./matrix.ts";
import { selectionSection } from "./selection.ts";
import { leadSection, metricsSections, monthlySection } from "./results.ts";
import { renderDocument } from "./document.ts";
import { html, type Markup } from "./markup.ts";
import type { ReportModel } from "../model/report_model.ts";
import { sleevesSection } from "./sleeves.ts";

/** The report as one HTML file that needs nothing else: no network, no script. Tabs are radio buttons, charts are
 * inline SVG; texts of the model are escaped. The same bytes for the same model and charts. */
export function renderHtml(model: ReportModel, charts: Charts): string {
  const lead = rankCandidates(model)[0];
  const names = candidateNames(model.candidates);
  return renderDocument({
    title: `${model.title} · ${model.runId}`,
    weightsCharts: charts.weights.length,
    header: header(model),
    main: html`
        ${lead === undefined
          ? html`<p>The run has no candidate.</p>`
          : leadSection(model, names, lead)}
        ${gatesSection(model, names)}
        ${metricsSections(model, names)}
        ${matrixSection(model)}
        ${growthSection(model, charts)}
        ${lead === undefined ? "" : monthlySection(model, names, lead)}
        ${lead === undefined ? "" : drawdownsSection(model, names, lead)}
        ${weightsSection(charts)}
        ${lead === undefined ? "" : attributionSection(model, names, lead)}
        ${lead === undefined ? "" : tradingSection(model, names, lead, charts)}
        ${crossValidationSection(model)}
        ${sleevesSection(model, charts)}
        ${clustersSection(model, charts)}
        ${lead === undefined ? "" : regimesSection(model, names, lead, charts)}
        ${dataSection(model)}
        ${selectionSection(model)}
        ${healthSection(model)}
        ${remarksSection(model, names)}
      ${artifactsSection(model)}
    `,
    footer: html`
      Run <code>${model.runId}</code>, audit ledger <span
        class="hash">${model
          .ledgerHash}</span>. Past returns, simulated or real, do not tell future ones.
    `,
  });
}

function header(model: ReportModel): Markup {
  const { windows, candidates } = model;
  const count = candidates.length === 1 ? "1 candidate" : `${candidates.length} candidates`;
  return html`<p class="kicker">Walk-forward portfolio report</p>
<h1>${model.title}</h1>
<p class="lede">${count}, out of sample from ${windows.firstTestDay} to ${windows.lastTestDay}. Made ${
    model.createdAt.replace("T", " ").replace(/(:\d\d)(\.\d+)?Z$/, "$1 UTC")
  }.</p>
${
    model.notices.length === 0
      ? ""
      : html`<ul class="notices" aria-label="Notices">${
        model.notices.map((notice) => html`<li>${notice}</li>`)
      }</ul>`
  }`;
}
