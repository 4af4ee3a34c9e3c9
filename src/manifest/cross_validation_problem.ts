import type { ProductionConfig } from "./config.ts";

/** What is wrong with `backtest.cross_validation` beside the other keys, and what to do about it.
 * @returns undefined when nothing is */
export function crossValidationProblem(
  { backtest, selection, synthesis }: Pick<
    ProductionConfig,
    "backtest" | "selection" | "synthesis"
  >,
): { readonly problem: string; readonly hint: string } | undefined {
  const cut = backtest.cross_validation;
  if (cut === undefined) return undefined;
  const { groups, test_groups: testGroups } = cut;
  if (testGroups >= groups) {
    return {
      problem:
        `backtest.cross_validation.test_groups ${testGroups} leaves none of groups ${groups} to train on`,
      hint: "Make test_groups less than groups.",
    };
  }
  const chosen = selection.modes.find((mode) => mode !== "baseline");
  if (chosen !== undefined || synthesis.enabled) {
    const what = chosen === undefined ? "synthesis.enabled" : `${chosen} of selection.modes`;
    return {
      problem:
        `backtest.cross_validation trains on rows before and after a test, which ${what} cannot`,
      hint: "Cross-validate with the mode baseline alone and without synthesis.",
    };
  }
  return undefined;
}
