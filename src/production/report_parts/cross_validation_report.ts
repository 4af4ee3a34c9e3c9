import type { ProductionConfig } from "../../manifest/config.ts";
import { backtestOverfitting, evenGroups } from "../../quant/metrics/backtest_overfitting.ts";
import { mean, sampleStd } from "../../quant/metrics/moments.ts";
import type { CrossValidationReport, OverfittingReport, PathsReport } from "../../report/mod.ts";
import type { CrossValidated, PathsSummary } from "../tasks/test_paths.ts";

/** How sure a run's results are, as reports show it; null where its configuration did not ask.
 * @param splits of the cross-validation
 * @param symbols that could be held
 * @param trials the walk-forward returns of all candidates, on the same rows */
export function crossValidationReport(
  { backtest: { cross_validation: cut } }: ProductionConfig,
  results: readonly CrossValidated[],
  splits: number,
  symbols: number,
  trials: readonly Float64Array[],
): CrossValidationReport | null {
  if (cut === undefined) return null;
  const { groups, test_groups: testGroups, purge = 0, embargo = 0 } = cut;
  return {
    groups,
    testGroups,
    purge,
    embargo,
    splits,
    symbols,
    candidates: results.map(({ summary, infeasibleSplits, ...candidate }) => ({
      ...candidate,
      paths: summary.paths.map(withNulls),
      sharpe: distributionOf(summary),
      infeasibleSplits,
    })),
    overfitting: overfittingReport(trials, groups),
  };
}

function overfittingReport(
  trials: readonly Float64Array[],
  wanted: number,
): OverfittingReport | null {
  const groups = evenGroups(wanted, trials[0]?.length ?? 0);
  if (trials.length < 2 || groups === undefined) return null;
  const { probability, lossProbability, degradation, logits } = backtestOverfitting(trials, groups);
  if (logits.length === 0) return null;
  return {
    trials: trials.length,
    groups,
    probability,
    lossProbability,
    degradation: orNull(degradation),
    logits,
  };
}

function distributionOf({ paths }: PathsSummary): PathsReport["sharpe"] {
  const sharpes = Float64Array.from(paths, ({ sharpe }) => sharpe).sort();
  const { length } = sharpes;
  if (length === 0 || sharpes.some(Number.isNaN)) return null;
  return {
    lowest: sharpes[0],
    median: (sharpes[Math.floor((length - 1) / 2)] + sharpes[Math.floor(length / 2)]) / 2,
    highest: sharpes[length - 1],
    mean: mean(sharpes),
    std: orNull(sampleStd(sharpes)),
    lossShare: sharpes.filter((sharpe) => sharpe < 0).length / length,
  };
}

function withNulls(path: PathsSummary["paths"][number]): PathsReport["paths"][number] {
  return {
    sharpe: orNull(path.sharpe),
    annualizedReturn: orNull(path.annualizedReturn),
    annualizedVolatility: orNull(path.annualizedVolatility),
    maxDrawdown: orNull(path.maxDrawdown),
  };
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
