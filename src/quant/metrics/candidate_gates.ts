/** A demand on a candidate: its measure must be at most, or at least, a limit. */
export interface CandidateGate {
  /** Of the measure, by the names of `METRICS`. */
  readonly metric: string;
  readonly bound: "at most" | "at least";
  readonly limit: number;
  /** What it takes to measure it, for a reader who finds no value. */
  readonly needs: string;
}

/** What a candidate has to fulfil before it may go live, if no other gates are given: those of the
 * system that Tradewind replaces. */
export const CANDIDATE_GATES: readonly CandidateGate[] = [
  atMost("friction_decay", 0.3, "a Sharpe ratio above 0 without frictions"),
  atMost("temporal_fragility", 1.5, "a Sharpe ratio of two windows or more"),
  atLeast("selection_jaccard", 0.3, "two windows or more that hold something"),
  atLeast("antifragility", -0.2, "losses among the worst 5 % and gains among the best 5 %"),
  atLeast("stress_alpha", 0, "a benchmark on the same bars"),
  atMost("turnover", 0.5, "a trade after the first purchase"),
  atMost("cvar_multiple", 1.25, "a benchmark with losses"),
  atMost("drawdown_multiple", 1.25, "a benchmark with a drawdown"),
];

/** The gates with limits of the user's own.
 * @param limits by metric; one that is not named keeps its own */
export function candidateGates(limits: Readonly<Record<string, number>>): CandidateGate[] {
  return CANDIDATE_GATES.map((gate) => ({ ...gate, limit: limits[gate.metric] ?? gate.limit }));
}

/** What a gate says of a candidate. */
export interface GateVerdict extends CandidateGate {
  /** The candidate's measure, NaN if it has none. */
  readonly value: number;
  /** "unknown" without a measure: what could not be measured has not passed. */
  readonly verdict: "passed" | "failed" | "unknown";
}

/** Judges a candidate by each gate; a measure equal to the limit passes.
 * @param metrics the candidate's measures by name; NaN where one does not exist
 * @returns one verdict a gate, in their order */
export function judgeCandidate(
  metrics: Readonly<Record<string, number>>,
  gates: readonly CandidateGate[] = CANDIDATE_GATES,
): GateVerdict[] {
  return gates.map((gate) => {
    const value = metrics[gate.metric] ?? NaN;
    const isWithin = gate.bound === "at most" ? value <= gate.limit : value >= gate.limit;
    const verdict = Number.isNaN(value) ? "unknown" : isWithin ? "passed" : "failed";
    return { ...gate, value, verdict };
  });
}

function atMost(metric: string, limit: number, needs: string): CandidateGate {
  return { metric, bound: "at most", limit, needs };
}

function atLeast(metric: string, limit: number, needs: string): CandidateGate {
  return { metric, bound: "at least", limit, needs };
}
