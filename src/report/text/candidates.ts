import type { CandidateReport, MetricDescriptor, ReportModel } from "../model/report_model.ts";

const PARTS = ["profile", "selection", "engine", "rebalance", "simulator"] as const;

/** The metrics of the first table and of the terminal's summary, and what their narrow columns call them. */
const HEADLINE_LABELS: Readonly<Record<string, string>> = {
  total_return: "Total return",
  annualized_return: "Annual return",
  annualized_volatility: "Volatility",
  sharpe: "Sharpe",
  sortino: "Sortino",
  max_drawdown: "Max drawdown",
  turnover: "Turnover",
};
const MAX_HEADLINES = 7;

/** A table of more candidates than this is no longer read. */
const MAX_TABLED = 40;

/** A name for each candidate, in the model's order: its profile, selection, engine, rebalance and simulator, without those parts that
 * are the same for all. Always at least the profile. */
export function candidateNames(candidates: readonly CandidateReport[]): readonly string[] {
  return candidateParts(candidates).map((parts) => parts.map(([, value]) => value).join(" · "));
}

/** What tells each candidate from the others, as pairs of a part and its value; always with the profile. */
export function candidateParts(
  candidates: readonly CandidateReport[],
): readonly (readonly (readonly [part: typeof PARTS[number], value: string])[])[] {
  const varying = PARTS.filter((part) =>
    part === "profile" || candidates.some((candidate) => candidate[part] !== candidates[0]?.[part])
  );
  return candidates.map((candidate) => varying.map((part) => [part, candidate[part]] as const));
}

/** The candidates' indices, best first by the ranking metric; those without a value last, in the model's order. */
export function rankCandidates(model: ReportModel): readonly number[] {
  const descriptor = model.metricDescriptors.find((d) => d.name === model.rankingMetric);
  const sign = descriptor?.higherIsBetter === false ? -1 : 1;
  const scores = model.candidates.map((candidate) => {
    const value = candidate.metrics[model.rankingMetric];
    return typeof value === "number" && Number.isFinite(value) ? sign * value : -Infinity;
  });
  return scores.map((_, index) => index).sort((a, b) => {
    const [left = 0, right = 0] = [scores[a], scores[b]];
    return left === right ? a - b : right - left;
  });
}

/** The candidates that tables show, by their indices: all in the model's order, or the best of too many. */
export function tabledCandidates(
  model: ReportModel,
): { readonly indices: readonly number[]; readonly omitted: number } {
  const count = model.candidates.length;
  return count <= MAX_TABLED
    ? { indices: model.candidates.map((_, index) => index), omitted: 0 }
    : { indices: rankCandidates(model).slice(0, MAX_TABLED), omitted: count - MAX_TABLED };
}

/** The candidates whose value of a metric is the best: more than one when tied, none when all are equal, when
 * fewer than two have a value or when neither end of the scale is better. */
export function bestCandidates(
  candidates: readonly CandidateReport[],
  descriptor: MetricDescriptor,
): ReadonlySet<number> {
  if (descriptor.higherIsBetter === null) return new Set();
  const sign = descriptor.higherIsBetter ? 1 : -1;
  const scored = candidates.flatMap((candidate, index) => {
    const value = candidate.metrics[descriptor.name];
    return typeof value === "number" && !Number.isNaN(value)
      ? [{ index, score: sign * value }]
      : [];
  });
  const best = scored.reduce((max, { score }) => Math.max(max, score), -Infinity);
  if (scored.every(({ score }) => score === best)) return new Set();
  return new Set(scored.filter(({ score }) => score === best).map(({ index }) => index));
}

/** The descriptors of the key metrics with short labels, in their fixed order; the model's first seven as they are if
 * it has none of these. */
export function headlineDescriptors(model: ReportModel): readonly MetricDescriptor[] {
  const found = Object.entries(HEADLINE_LABELS).flatMap(([name, label]) =>
    model.metricDescriptors.filter((descriptor) => descriptor.name === name)
      .map((descriptor) => ({ ...descriptor, label }))
  );
  return found.length > 0 ? found : model.metricDescriptors.slice(0, MAX_HEADLINES);
}

/** The descriptors that {@linkcode headlineDescriptors} leaves out, in the model's order. */
export function otherDescriptors(model: ReportModel): readonly MetricDescriptor[] {
  const headlines = new Set(headlineDescriptors(model).map(({ name }) => name));
  return model.metricDescriptors.filter(({ name }) => !headlines.has(name));
}
