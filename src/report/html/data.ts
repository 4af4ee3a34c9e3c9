import { html, type Markup } from "./markup.ts";
import type { ReportModel } from "../model/report_model.ts";
import { remarkText } from "../text/remarks.ts";

type Health = ReportModel["health"][number];

/** Where the prices came from, how they were cut into windows, and the run's parameters. */
export function dataSection(model: ReportModel): Markup {
  const { prices, windows } = model;
  const windowFacts =
    `${windows.count}, each ${windows.train} bars to train and ${windows.test} to test, ` +
    `a step of ${windows.step} bars apart`;
  return html`<section aria-labelledby="data-title">
<h2 id="data-title">Data and method</h2>
<dl class="facts">
<dt>Prices</dt><dd>${prices.source}</dd>
<dt>SHA-256</dt><dd class="hash">${prices.sha256}</dd>
<dt>Symbols</dt><dd>${prices.symbols}</dd>
<dt>Days</dt><dd>${prices.from} to ${prices.to}</dd>
<dt>Windows</dt><dd>${windowFacts}</dd>
<dt>Out of sample</dt><dd>${windows.firstTestDay} to ${windows.lastTestDay}</dd>
<dt>Year</dt><dd>${model.periodsPerYear} bars</dd>
<dt>Audit ledger</dt><dd class="hash">${model.ledgerHash}</dd>
</dl>
${
    model.parameters.length === 0 ? "" : html`<h3>Parameters</h3>
<dl class="facts">${
      model.parameters.map(({ name, value }) =>
        html`
          <dt><code>${name}</code></dt>
          <dd><code>${value}</code></dd>
        `
      )
    }
</dl>`
  }
</section>`;
}

/** What the audit found of each symbol: problems in sight, the healthy ones behind a fold. */
export function healthSection(model: ReportModel): Markup {
  const healthy = model.health.filter(isHealthy);
  const others = model.health.filter((health) => !isHealthy(health));
  if (model.health.length === 0) return html``;
  return html`<section aria-labelledby="health-title">
<h2 id="health-title">Data health</h2>
<p class="note">${others.length} of ${model.health.length} symbols have findings.</p>
${
    others.length === 0 ? "" : html`
      <div class="scroll">
        <table>
          <caption class="hidden">Symbols with findings</caption>
          <thead>
            <tr>
              <th scope="col">Symbol</th>
              <th scope="col">Status</th>
              <th scope="col">Reasons</th>
            </tr>
          </thead>
          <tbody>${others.map(({ symbol, status, reasons }) =>
            html`
              <tr>
                <th scope="row">${symbol}</th>
                <td>${status}</td>
                <td>${reasons.join("; ")}</td>
              </tr>
            `
          )}
          </tbody>
        </table>
      </div>
    `
  }
${
    healthy.length === 0 ? "" : html`
      <details>
        <summary>${healthy.length} symbols without findings</summary>
        <p>${healthy.map(({ symbol }) => symbol).join(", ")}</p>
      </details>
    `
  }
</section>`;
}

/** Windows that had to be relaxed or found no solution, by candidate. */
export function remarksSection(model: ReportModel, names: readonly string[]): Markup {
  const remarked = model.candidates.flatMap(({ remarks }, i) =>
    remarks.length === 0 ? [] : [{ name: names[i] ?? "", remarks }]
  );
  if (remarked.length === 0) return html``;
  return html`<section aria-labelledby="remarks-title">
<h2 id="remarks-title">Remarks</h2>
${
    remarked.map(({ name, remarks }) =>
      html`<h3>${name}</h3>
<ul class="remarks">${remarks.map((remark) => html`<li>${remarkText(remark)}</li>`)}</ul>`
    )
  }
</section>`;
}

/** `OK` and `OK (MARKET CLOSED)`, where there is no reason to read on. */
function isHealthy({ status, reasons }: Health): boolean {
  return status.startsWith("OK") && reasons.length === 0;
}
