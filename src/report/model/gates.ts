/** What one candidate gate says of one candidate. */
export interface GateReport {
  /** Of the measure, by the names of the model's metric descriptors. */
  readonly metric: string;
  readonly bound: "at most" | "at least";
  readonly limit: number;
  /** What was measured; null where it could not be. */
  readonly value: number | null;
  /** `unknown` where nothing could be measured: that has not passed. */
  readonly verdict: "passed" | "failed" | "unknown";
  /** What it takes to measure it: why there is no value, where there is none. */
  readonly needs: string;
}

/** What all gates together say of a candidate: `failed` by one that failed, else `open` by one that could not be
 * measured. */
export type CandidateVerdict = "passed" | "failed" | "open";

/** The verdict over a candidate's gates.
 * @returns undefined for a candidate that no gate was held to */
export function verdictOf(gates: readonly GateReport[]): CandidateVerdict | undefined {
  if (gates.length === 0) return undefined;
  if (gates.some(({ verdict }) => verdict === "failed")) return "failed";
  return gates.some(({ verdict }) => verdict === "unknown") ? "open" : "passed";
}
