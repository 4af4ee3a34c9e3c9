import type { Charts } from "../charts/render_charts.ts";
import { colourReference, stateColour } from "../charts/palette.ts";
import type { ClustersReport } from "../model/clusters.ts";
import { QUADRANTS, REGIMES } from "../model/regimes.ts";
import type { ReportModel } from "../model/report_model.ts";
import { readingsTable, regimesTable, stateName } from "../text/regimes.ts";
import { figure } from "./figures.ts";
import { html, type Markup } from "./markup.ts";
import { table } from "./table.ts";

/** How the market stood at each window, and what that meant for the leading candidate. */
export function regimesSection(
  model: ReportModel,
  names: readonly string[],
  lead: number,
  charts: Charts,
): Markup {
  if (charts.regimes === null || model.regimes === null) return html``;
  return html`<section aria-labelledby="regimes-title">
<h2 id="regimes-title">Market regimes</h2>
<p class="note">Read at each window's start from its training rows alone: the equal mix of all symbols. Weights never see the window itself. A year below is the mean return of the bars times the bars of a year.</p>
${
    figure(
      "Regime score and quadrant",
      "Bars: the score, in the colour of the regime; dashed: the thresholds 0.7, 1.25 and 1.8. Strip: the quadrant.",
      charts.regimes,
      html``,
    )
  }
${stateLegend("Regime", REGIMES)}
${stateLegend("Quadrant", QUADRANTS)}
${table(regimesTable(model, lead, names[lead] ?? ""))}
<details class="screen-only"><summary>All ${model.regimes.length} windows</summary>
${table(readingsTable(model))}
</details>
</section>`;
}

/** The asset clusters of the last window. */
export function clustersSection({ clusters }: ReportModel, charts: Charts): Markup {
  if (clusters === null) return html``;
  const { from, to, omitted } = clusters;
  return html`<section aria-labelledby="clusters-title">
<h2 id="clusters-title">Asset clusters</h2>
<p class="note">Training rows of the last window, ${from} to ${to}. Branches that join far left move apart; the dashed line cuts the tree into asset clusters.${
    omitted === 0
      ? ""
      : ` The ${clusters.assets.length} symbols held most are shown, ${omitted} are not.`
  }</p>
${figure("Tree and correlations", "", charts.clusters, html``)}
<dl class="facts">${
    membersOf(clusters).map(({ label, members }) =>
      html`
        <dt>Cluster ${label + 1}</dt>
        <dd>${members.join(", ")}</dd>
      `
    )
  }</dl>
</section>`;
}

function membersOf(
  { assets, labels }: ClustersReport,
): readonly { readonly label: number; readonly members: readonly string[] }[] {
  return [...new Set(labels)].map((label) => ({
    label,
    members: assets.filter((_, k) => labels[k] === label),
  }));
}

function stateLegend(title: string, states: readonly string[]): Markup {
  return html`<ul class="states" aria-label="${title}"><li>${title}</li>${
    states.map((state, i) =>
      html`<li><span class="swatch" style="background:${colourReference(stateColour(i))}"></span>${
        stateName(state)
      }</li>`
    )
  }</ul>`;
}
