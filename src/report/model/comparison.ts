import type { GateReport } from "./gates.ts";
import type { CandidateReport, ReportModel } from "./report_model.ts";

/** Between the parts of a candidate's whole name. */
export const NAME_SEPARATOR = " · ";

/** Two runs side by side; the second one is measured against the first. */
export interface Comparison {
  readonly runIds: readonly [string, string];
  /** Candidates that both runs have, in the order of the first. */
  readonly candidates: readonly CandidateDifference[];
  /** Candidates that one run alone has. */
  readonly onlyIn: readonly [readonly string[], readonly string[]];
  /** Parameters and facts of the data that differ; null where a run lacks one. */
  readonly settings: readonly {
    readonly name: string;
    readonly values: readonly [string | null, string | null];
  }[];
}

/** What became of one candidate. */
export interface CandidateDifference {
  /** Its profile, selection, engine, rebalance rule and simulator. */
  readonly candidate: string;
  /** By metric: both values, and second − first where both are numbers. */
  readonly metrics: Readonly<Record<string, MetricDifference>>;
  /** Gates whose verdict is another one. */
  readonly gates: readonly {
    readonly metric: string;
    readonly verdicts: readonly [GateReport["verdict"], GateReport["verdict"]];
  }[];
}

/** A metric in both runs. */
export interface MetricDifference {
  readonly values: readonly [number | string | null, number | string | null];
  readonly difference: number | null;
}

/** Compares two reports: candidates by their names, settings by theirs. */
export function compareReports(first: ReportModel, second: ReportModel): Comparison {
  const others = new Map(second.candidates.map((one) => [fullName(one), one]));
  const names = new Set(first.candidates.map(fullName));
  return {
    runIds: [first.runId, second.runId],
    candidates: first.candidates.flatMap((candidate) => {
      const other = others.get(fullName(candidate));
      return other === undefined ? [] : [compareCandidates(candidate, other)];
    }),
    onlyIn: [
      [...names].filter((name) => !others.has(name)),
      [...others.keys()].filter((name) => !names.has(name)),
    ],
    settings: compareSettings(settingsOf(first), settingsOf(second)),
  };
}

function fullName({ profile, selection, engine, rebalance, simulator }: CandidateReport): string {
  return [profile, selection, engine, rebalance, simulator].join(NAME_SEPARATOR);
}

function compareCandidates(first: CandidateReport, second: CandidateReport): CandidateDifference {
  const names = Object.keys({ ...first.metrics, ...second.metrics });
  return {
    candidate: fullName(first),
    metrics: Object.fromEntries(names.map((name) => {
      const a = first.metrics[name] ?? null, b = second.metrics[name] ?? null;
      const difference = typeof a === "number" && typeof b === "number" ? b - a : null;
      return [name, { values: [a, b], difference }];
    })),
    gates: first.gates.flatMap(({ metric, verdict }) => {
      const other = second.gates.find((gate) => gate.metric === metric);
      return other === undefined || other.verdict === verdict
        ? []
        : [{ metric, verdicts: [verdict, other.verdict] }];
    }),
  };
}

function settingsOf({ prices, windows, parameters, periodsPerYear }: ReportModel) {
  return new Map<string, string>([
    ["prices", prices.source],
    ["prices, SHA-256", prices.sha256],
    ["symbols", String(prices.symbols)],
    ["days", `${prices.from} to ${prices.to}`],
    ["windows", String(windows.count)],
    ["out of sample", `${windows.firstTestDay} to ${windows.lastTestDay}`],
    ["bars in a year", String(periodsPerYear)],
    ...parameters.map(({ name, value }) => [name, value] as const),
  ]);
}

function compareSettings(
  first: ReadonlyMap<string, string>,
  second: ReadonlyMap<string, string>,
): Comparison["settings"] {
  return [...new Set([...first.keys(), ...second.keys()])].flatMap((name) => {
    const values = [first.get(name) ?? null, second.get(name) ?? null] as const;
    return values[0] === values[1] ? [] : [{ name, values }];
  });
}
