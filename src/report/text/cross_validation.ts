import type { CrossValidationReport } from "../model/cross_validation.ts";
import { formatDecimal, formatPercent, NO_VALUE } from "./format.ts";
import { numbers, texts, type TextTable } from "./text_table.ts";

/** How the rows were cut, and what choosing the best candidate is worth, in sentences. */
export function crossValidationSentences(report: CrossValidationReport): string {
  const { groups, testGroups, purge, embargo, splits, symbols, candidates, overfitting } = report;
  const paths = candidates[0]?.paths.length ?? 0;
  const cut =
    `${testGroups} of ${groups} groups of rows tested in each of ${splits} splits, trained on the rest ` +
    `but for a purge of ${purge} and an embargo of ${embargo} rows: ${paths} paths through the whole history, ` +
    `of ${symbols} symbols with a return on every row.`;
  if (overfitting === null) return cut;
  const { trials, probability, lossProbability, degradation } = overfitting;
  return `${cut} Probability of backtest overfitting: ${
    formatPercent(probability, 1)
  }, the share of splits of the ` +
    `walk-forward in which the best of ${trials} candidates in sample is at the median or below it out of sample. ` +
    `It loses out of sample in ${formatPercent(lossProbability, 1)} of them` +
    (degradation === null
      ? "."
      : `; a Sharpe ratio higher by 1 in sample is ${
        formatDecimal(degradation, 2)
      } higher out of sample.`);
}

/** The Sharpe ratios of each chain of weights over its paths. */
export function pathsTable({ candidates }: CrossValidationReport): TextTable {
  const several = (["selection", "engine", "rebalance"] as const).filter((part) =>
    new Set(candidates.map((one) => one[part])).size > 1
  );
  return {
    caption: "Sharpe ratios over the paths of the cross-validation",
    columns: [
      ...texts("Candidate"),
      ...numbers("Lowest", "Median", "Highest", "Mean", "Std", "Below 0", "No solution"),
    ],
    rows: candidates.map((one) => {
      const { sharpe, infeasibleSplits } = one;
      const name = [one.profile, ...several.map((part) => one[part])].join(" · ");
      const figures = sharpe === null ? Array<string>(6).fill(NO_VALUE) : [
        ...[sharpe.lowest, sharpe.median, sharpe.highest, sharpe.mean].map((value) =>
          formatDecimal(value, 2)
        ),
        sharpe.std === null ? NO_VALUE : formatDecimal(sharpe.std, 2),
        formatPercent(sharpe.lossShare, 0),
      ];
      return [name, ...figures, String(infeasibleSplits)];
    }),
  };
}
