import type { Charts } from "../charts/render_charts.ts";
import { candidateLineStyle } from "../charts/palette.ts";
import type { ReportModel } from "../model/report_model.ts";
import { attributionTable, leadingContributions } from "../text/attribution.ts";
import { drawdownsTable } from "../text/drawdowns.ts";
import { tradingTable } from "../text/trading.ts";
import { rankCandidates } from "../text/candidates.ts";
import { figure, lineKey } from "./figures.ts";
import { html, type Markup } from "./markup.ts";
import { table } from "./table.ts";

/** The worst drawdowns of the leading candidate. */
export function drawdownsSection(
  model: ReportModel,
  names: readonly string[],
  lead: number,
): Markup {
  const candidate = model.candidates[lead];
  if (candidate === undefined || candidate.drawdowns.length === 0) return html``;
  const name = names[lead] ?? "";
  return html`<section aria-labelledby="falls-title">
<h2 id="falls-title">Worst drawdowns</h2>
<p class="note">${name}. From the first bar below a peak to the trough, and to the first bar back at the peak.</p>
${table(drawdownsTable(candidate, name))}
</section>`;
}

/** Where the leading candidate's total return came from. */
export function attributionSection(
  model: ReportModel,
  names: readonly string[],
  lead: number,
): Markup {
  const attribution = model.candidates[lead]?.attribution;
  if (attribution === undefined || attribution === null) return html``;
  const name = names[lead] ?? "";
  const shown = leadingContributions(attribution.rows);
  const largest = Math.max(...shown.map(({ contribution }) => Math.abs(contribution)), 1e-12);
  return html`<section aria-labelledby="attribution-title">
<h2 id="attribution-title">Attribution</h2>
<p class="note">${name}. What each symbol added to the total return: the sum over all bars of wealth × weight × return, in per cent of the first wealth. The lines add up to the total.</p>
${
    table(attributionTable(attribution, name), "attribution", (text, row, column) => {
      const contribution = shown[row]?.contribution;
      return column !== 3 || contribution === undefined
        ? text
        : html`${bar(contribution / largest)}<span class="value">${text}</span>`;
    })
  }
</section>`;
}

/** A bar to the left of a number: its length is the number's share of the largest. */
function bar(share: number): Markup {
  const width = (Math.abs(share) * 90).toFixed(1);
  return html`
    <svg class="bar ${share < 0 ? "loss" : "gain"}" viewBox="0 0 90 10" aria-hidden="true">
      <rect x="0" y="0" width="${width}" height="10" />
    </svg>
  `;
}

/** What was traded, and what that cost. */
export function tradingSection(
  model: ReportModel,
  names: readonly string[],
  lead: number,
  charts: Charts,
): Markup {
  const facts = tradingTable(model, names);
  if (facts.rows.length === 0) return html``;
  const ranks = rankCandidates(model);
  const keyOf = (name: string) => candidateLineStyle(ranks.indexOf(names.indexOf(name)));
  return html`<section aria-labelledby="trading-title">
<h2 id="trading-title">Turnover and costs</h2>
<p class="note">Turnover is half of what is bought and sold, as a share of wealth: 100% replaces the whole portfolio. Costs are slippage and commissions.</p>
${
    figure(
      `Turnover, ${names[lead] ?? ""}`,
      "A step a window, without the first purchase.",
      charts.turnover,
      html``,
    )
  }
${figure("Costs paid so far", "As a share of the wealth at the time.", charts.costs, html``)}
${
    table(facts, "metrics", (text, _, column) =>
      column === 0 ? html`${lineKey(keyOf(text))}${text}` : text)
  }
</section>`;
}
