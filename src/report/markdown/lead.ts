import { monthlyReturns } from "../model/monthly_returns.ts";
import type { ReportModel } from "../model/report_model.ts";
import { attributionTable } from "../text/attribution.ts";
import { rankCandidates } from "../text/candidates.ts";
import { drawdownsTable } from "../text/drawdowns.ts";
import { formatPercent, MONTHS, NO_VALUE } from "../text/format.ts";
import { regimesTable } from "../text/regimes.ts";
import { tradingTable } from "../text/trading.ts";
import { escapeMarkdown, markdownOf, markdownTable } from "./text.ts";

/** What is told of the leading candidate alone, and what the market was like, as Markdown blocks. */
export function leadBlocks(model: ReportModel, names: readonly string[]): readonly string[] {
  const lead = rankCandidates(model)[0];
  const candidate = model.candidates[lead ?? -1];
  if (lead === undefined || candidate === undefined) return [];
  const name = names[lead] ?? "";
  const of = escapeMarkdown(name);
  const { drawdowns, attribution } = candidate;
  return [
    ...section(`## Monthly returns of ${of}`, monthlyTable(candidate)),
    ...drawdowns.length === 0
      ? []
      : section(`## Worst drawdowns of ${of}`, markdownOf(drawdownsTable(candidate, name))),
    ...attribution === null
      ? []
      : section(`## Attribution of ${of}`, markdownOf(attributionTable(attribution, name))),
    ...section("## Turnover and costs", markdownOf(tradingTable(model, names))),
    ...model.regimes === null
      ? []
      : section("## Market regimes", markdownOf(regimesTable(model, lead, name))),
  ];
}

function section(heading: string, table: string): readonly string[] {
  return table === "" ? [] : [heading, table];
}

function monthlyTable(candidate: ReportModel["candidates"][number]): string {
  const years = monthlyReturns(candidate);
  if (years.length === 0) return "";
  return markdownTable(
    ["Year", ...MONTHS, "Total"],
    `l${"r".repeat(13)}`,
    years.map(({ year, months, total }) => [
      String(year),
      ...months.map((value) => value === null ? NO_VALUE : formatPercent(value, 1)),
      formatPercent(total, 1),
    ]),
  );
}
