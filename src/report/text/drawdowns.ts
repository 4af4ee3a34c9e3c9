import type { CandidateReport } from "../model/report_model.ts";
import { formatPercent } from "./format.ts";
import { numbers, texts, type TextTable } from "./text_table.ts";

/** A candidate's deepest drawdowns, deepest first. */
export function drawdownsTable({ drawdowns }: CandidateReport, name: string): TextTable {
  return {
    caption: `Worst drawdowns of ${name}`,
    columns: [
      ...texts("From"),
      ...numbers("Depth"),
      ...texts("Trough", "Recovered"),
      ...numbers("Bars down", "Bars in all"),
    ],
    rows: drawdowns.map(({ depth, from, trough, recovered, barsDown, bars }) => [
      from,
      formatPercent(depth, 2),
      trough,
      recovered ?? "not yet",
      String(barsDown),
      String(bars),
    ]),
  };
}
