import type { ContributorsReport, SleeveReport, SleevesReport } from "../model/sleeves.ts";
import type { ReportModel } from "../model/report_model.ts";
import { headlineDescriptors } from "./candidates.ts";
import { formatMetric, formatPercent, NO_VALUE } from "./format.ts";

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

/** The headings of the table of sleeves; the metrics stand to the right. */
export function sleeveHeadings(model: ReportModel): readonly string[] {
  return [
    "Sleeve",
    "Profile",
    "Run",
    "Candidate",
    ...headlineDescriptors(model).map(({ label }) => label),
    "Ledger",
  ];
}

/** One line of that table, as text; the depth of nesting is left to the caller. */
export function sleeveRow(model: ReportModel, sleeve: SleeveReport): readonly string[] {
  return [
    sleeve.id,
    sleeve.kind === "meta" ? `${sleeve.profile} (meta)` : sleeve.profile,
    sleeve.runId ?? "left out",
    sleeve.candidate ?? NO_VALUE,
    ...headlineDescriptors(model).map((descriptor) => formatMetric(sleeve, descriptor)),
    sleeve.ledgerHash?.slice(0, 12) ?? NO_VALUE,
  ];
}

/** The headings of the table of assets, sleeves seen through. */
export const CONTRIBUTOR_HEADINGS = ["Asset", "Net", "Gross", "From"] as const;

/** Its lines, largest first, and how many more there are. */
export function contributorRows(
  { assets }: ContributorsReport,
): { readonly rows: readonly (readonly string[])[]; readonly omitted: number } {
  const rows = assets.slice(0, MAX_CONTRIBUTORS).map(({ symbol, net, gross, parts }) => [
    symbol,
    formatPercent(net, 2),
    formatPercent(gross, 2),
    parts.map(({ sleeve, weight }) => `${sleeve} ${formatPercent(weight, 2)}`).join(", "),
  ]);
  return { rows, omitted: Math.max(0, assets.length - MAX_CONTRIBUTORS) };
}

/** What a see-through portfolio comes to, in one sentence. */
export function exposureSentence({ gross, net, assets }: ContributorsReport): string {
  return `${assets.length} assets, gross ${formatPercent(gross, 1)}, net ${
    formatPercent(net, 1)
  } of wealth, at the last window.`;
}
