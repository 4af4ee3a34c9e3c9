import { verdictOf } from "../model/gates.ts";
import type { CandidateReport, ReportModel } from "../model/report_model.ts";
import { candidateParts } from "./candidates.ts";
import { formatMetric, NO_VALUE } from "./format.ts";

/** The ranking metric of every candidate, profiles against all else that tells candidates apart. */
export interface CandidateMatrix {
  /** Of the ranking metric. */
  readonly label: string;
  readonly profiles: readonly string[];
  /** Engines, simulators and whatever else differs, as one name a column. */
  readonly columns: readonly string[];
  /** Profiles × columns; null where there is no such candidate. */
  readonly cells: readonly (readonly (MatrixCell | null)[])[];
}

/** One candidate in the matrix. */
export interface MatrixCell {
  readonly text: string;
  /** From 0 (the worst of all) to 1 (the best); null where there is no value. */
  readonly standing: number | null;
  /** Whether it passes all gates. */
  readonly isPassed: boolean;
}

/** The matrix of a run's candidates.
 * @returns null when profiles alone tell them apart: then the table of results says the same */
export function candidateMatrix(model: ReportModel): CandidateMatrix | null {
  const { candidates, metricDescriptors, rankingMetric } = model;
  const descriptor = metricDescriptors.find(({ name }) => name === rankingMetric);
  const columnOf = candidateParts(candidates).map((parts) =>
    parts.filter(([part]) => part !== "profile").map(([, value]) => value).join(" · ")
  );
  const columns = [...new Set(columnOf)];
  if (descriptor === undefined || columns.length < 2) return null;
  const profiles = [...new Set(candidates.map(({ profile }) => profile))];
  const scores = candidates.map((candidate) => scoreOf(candidate, model, descriptor));
  const known = scores.filter((score) => score !== null).toSorted((a, b) => a - b);
  const cellOf = (profile: string, column: string): MatrixCell | null => {
    const index = candidates.findIndex((one, i) =>
      one.profile === profile && columnOf[i] === column
    );
    const candidate = candidates[index];
    if (candidate === undefined) return null;
    const score = scores[index] ?? null;
    return {
      text: score === null ? NO_VALUE : formatMetric(candidate, descriptor),
      standing: score === null || known.length < 2
        ? null
        : known.indexOf(score) / (known.length - 1),
      isPassed: verdictOf(candidate.gates) === "passed",
    };
  };
  return {
    label: descriptor.label,
    profiles,
    columns,
    cells: profiles.map((profile) => columns.map((column) => cellOf(profile, column))),
  };
}

function scoreOf(
  candidate: CandidateReport,
  { rankingMetric }: ReportModel,
  { higherIsBetter }: { readonly higherIsBetter: boolean | null },
): number | null {
  const value = candidate.metrics[rankingMetric];
  if (typeof value !== "number" || !Number.isFinite(value)) return null;
  return higherIsBetter === false ? -value : value;
}
