/** A demand on a candidate: its measure must be at most, or at least, a limit. */
export interface CandidateGate {
  /** Of the measure, by the names of `METRICS`. */
  readonly metric: string;
  readonly bound: "at most" | "at least";
  readonly limit: number;
}

/** What a candidate has to fulfil before it may go live, if no other gates are given: those of the
 * system that Tradewind replaces. */
export const CANDIDATE_GATES: readonly CandidateGate[] = [
  { metric: "friction_decay", bound: "at most", limit: 0.3 },
  { metric: "temporal_fragility", bound: "at most", limit: 1.5 },
  { metric: "selection_jaccard", bound: "at least", limit: 0.3 },
  { metric: "antifragility", bound: "at least", limit: -0.2 },
  { metric: "stress_alpha", bound: "at least", limit: 0 },
  { metric: "turnover", bound: "at most", limit: 0.5 },
  { metric: "cvar_multiple", bound: "at most", limit: 1.25 },
  { metric: "drawdown_multiple", bound: "at most", limit: 1.25 },
];

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
