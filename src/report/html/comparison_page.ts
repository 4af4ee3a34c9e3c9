import { drawLines, linesOf, type NamedSeries, spansMagnitudes } from "../charts/line_charts.ts";
import { BENCHMARK_LINE_STYLE, candidateLineStyle } from "../charts/palette.ts";
import { wealthPoints } from "../charts/series.ts";
import { compareReports } from "../model/comparison.ts";
import type { ReportModel } from "../model/report_model.ts";
import { candidateNames, rankCandidates } from "../text/candidates.ts";
import { comparisonTables } from "../text/comparison.ts";
import { renderDocument } from "./document.ts";
import { figure, lineKey } from "./figures.ts";
import { html, type Markup } from "./markup.ts";
import { table } from "./table.ts";

/** Two runs side by side as one HTML file that needs nothing else: the growth of their leading candidates, and what
 * differs. The same bytes for the same models. */
export async function renderComparisonHtml(
  first: ReportModel,
  second: ReportModel,
): Promise<string> {
  const tables = comparisonTables(compareReports(first, second), first);
  const lines = [first, second].flatMap((model, i) => leadOf(model, i));
  const title = `${first.runId} and ${second.runId}`;
  return renderDocument({
    title,
    weightsCharts: 0,
    header: html`
      <p class="kicker">Two runs side by side</p>
      <h1>${title}</h1>
      <p
        class="lede">${first.title}, made ${first.createdAt.slice(0, 10)}; ${second
          .title}, made ${second.createdAt.slice(0, 10)}. Differences are second minus first.</p>
    `,
    main: html`
      ${await growthFigure(lines)}
      ${tables.length === 0 ? html`<p>Nothing differs.</p>` : ""}
      ${tables.map((one) =>
        html`<h2>${one.caption}</h2>
    ${table(one)}`
      )}
    `,
    footer:
      html`Audit ledgers <span class="hash">${first.ledgerHash}</span> and <span class="hash">${second.ledgerHash}</span>.`,
  });
}

function leadOf(model: ReportModel, index: number): readonly NamedSeries[] {
  const lead = rankCandidates(model)[0];
  const series = model.candidates[lead ?? -1];
  if (lead === undefined || series === undefined) return [];
  const name = `${candidateNames(model.candidates)[lead] ?? ""}, ${model.runId}`;
  const lines = [{ name, style: candidateLineStyle(index), named: true, series }];
  if (index > 0 || model.benchmark === null) return lines;
  const { label, ...benchmark } = model.benchmark;
  return [...lines, { name: label, style: BENCHMARK_LINE_STYLE, named: true, series: benchmark }];
}

async function growthFigure(series: readonly NamedSeries[]): Promise<Markup> {
  const echarts = await import("echarts");
  const lines = linesOf(series, wealthPoints);
  const scale = spansMagnitudes(lines) ? "log-growth" : "growth";
  const chart = drawLines(echarts, "growth", lines, scale, 380);
  const legend = html`<ul class="legend">${
    series.map(({ name, style }) => html`<li>${lineKey(style)}${name}</li>`)
  }</ul>`;
  return figure("Growth of 1, the best candidate of each run", "After costs.", chart, legend);
}
