import { candidateGates, judgeCandidate } from "../../quant/metrics/candidate_gates.ts";
import type { GateReport } from "../../report/mod.ts";

/** What the candidate gates say of a candidate, as reports show it.
 * @param metrics by the names of `METRICS`; NaN where one does not exist
 * @param limits by metric */
export function gateReports(
  metrics: Readonly<Record<string, number>>,
  limits: Readonly<Record<string, number>>,
): GateReport[] {
  return judgeCandidate(metrics, candidateGates(limits)).map(({ value, ...gate }) => ({
    ...gate,
    value: Number.isNaN(value) ? null : value,
  }));
}
