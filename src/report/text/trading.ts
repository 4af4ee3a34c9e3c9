import type { ReportModel } from "../model/report_model.ts";
import { tabledCandidates } from "./candidates.ts";
import { formatDecimal, formatPercent } from "./format.ts";
import { numbers, texts, type TextTable } from "./text_table.ts";

/** What each candidate traded and what that cost. */
export function tradingTable(model: ReportModel, names: readonly string[]): TextTable {
  return {
    caption: "Turnover and costs",
    columns: [
      ...texts("Candidate"),
      ...numbers(
        "Trading days",
        "First purchase",
        "Mean turnover a window",
        "Largest",
        "Costs in all",
        "Costs a year",
      ),
    ],
    rows: tabledCandidates(model).indices.flatMap((index) => {
      const candidate = model.candidates[index];
      if (candidate === undefined || candidate.trading === null) return [];
      const { turnover: [first = 0, ...later], costs, rebalances } = candidate.trading;
      const mean = later.reduce((sum, value) => sum + value, 0) / later.length;
      const paid = costs.reduce((sum, value) => sum + value, 0);
      const years = candidate.timestampsS.length / model.periodsPerYear;
      return [[
        names[index] ?? "",
        formatDecimal(rebalances, 0),
        formatPercent(first, 1),
        formatPercent(mean, 1),
        formatPercent(later.length === 0 ? NaN : Math.max(...later), 1),
        formatPercent(paid, 2),
        formatPercent(paid / years, 2),
      ]];
    }),
  };
}
