import type { ContributorsReport, SleevesReport } from "../model/sleeves.ts";
import type { ReportModel } from "../model/report_model.ts";
import { headlineDescriptors } from "./candidates.ts";
import { formatMetric, formatPercent, NO_VALUE } from "./format.ts";
import { numbers, texts, type TextTable } from "./text_table.ts";

/** Assets of a see-through portfolio that tables show. */
const MAX_CONTRIBUTORS = 40;

/** How the sleeves were joined, in a few sentences. */
export function joinSentence({ joined, sleeves }: SleevesReport): string {
  const { days, from, to, compoundedDays, outsideDays } = joined;
  const outer = sleeves.filter(({ depth }) => depth === 1).length;
  const parts = [`${outer} sleeves over the ${days} days that all have, ${from} to ${to}.`];
  if (compoundedDays > 0) {
    parts.push(
      `On ${compoundedDays} days between these some sleeve does not trade: what the others earned on them is ` +
        "compounded into the next shared day.",
    );
  }
  if (outsideDays > 0) parts.push(`${outsideDays} days before or after are left out.`);
  return parts.join(" ");
}

/** The sleeves with their metrics over the joined days; what is nested stands behind a sign for its depth. */
export function sleevesTable(model: ReportModel, { sleeves }: SleevesReport): TextTable {
  const descriptors = headlineDescriptors(model);
  return {
    caption: "Sleeves with their metrics over the joined days",
    columns: [
      ...texts("Sleeve", "Profile", "Run", "Candidate"),
      ...numbers(...descriptors.map(({ label }) => label)),
      ...texts("Ledger"),
    ],
    rows: sleeves.map((sleeve) => [
      "› ".repeat(sleeve.depth - 1) + sleeve.id,
      sleeve.kind === "meta" ? `${sleeve.profile} (meta)` : sleeve.profile,
      sleeve.runId ?? "left out",
      sleeve.candidate ?? NO_VALUE,
      ...descriptors.map((descriptor) => formatMetric(sleeve, descriptor)),
      sleeve.ledgerHash?.slice(0, 12) ?? NO_VALUE,
    ]),
  };
}

/** The assets behind the sleeves, largest first, and how many more there are. */
export function contributorsTable(
  { assets, profile }: ContributorsReport,
): TextTable & { readonly omitted: number } {
  return {
    caption: `Assets of ${profile}, sleeves seen through`,
    columns: [...texts("Asset"), ...numbers("Net", "Gross"), ...texts("From")],
    rows: assets.slice(0, MAX_CONTRIBUTORS).map(({ symbol, net, gross, parts }) => [
      symbol,
      formatPercent(net, 2),
      formatPercent(gross, 2),
      parts.map(({ sleeve, weight }) => `${sleeve} ${formatPercent(weight, 2)}`).join(", "),
    ]),
    omitted: Math.max(0, assets.length - MAX_CONTRIBUTORS),
  };
}

/** What a see-through portfolio comes to, in one sentence. */
export function exposureSentence({ gross, net, assets }: ContributorsReport): string {
  return `${assets.length} assets, gross ${formatPercent(gross, 1)}, net ${
    formatPercent(net, 1)
  } of wealth, at the last window.`;
}
