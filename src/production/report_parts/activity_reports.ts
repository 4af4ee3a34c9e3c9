import type { AttributionReport, TradingReport } from "../../report/mod.ts";
import type { CandidateActivity } from "../tasks/candidate_activity.ts";

/** What each symbol gave, the largest contribution first; symbols that were never held are left out. */
export function attributionReport(
  { attribution }: CandidateActivity,
  symbols: readonly string[],
): AttributionReport {
  const { contributions, meanWeights, heldShares, rest } = attribution;
  const rows = symbols.map((symbol, i) => ({
    symbol,
    meanWeight: meanWeights[i],
    heldShare: heldShares[i],
    contribution: contributions[i],
  })).filter(({ heldShare }) => heldShare > 0);
  return { rows: rows.sort((a, b) => b.contribution - a.contribution), rest };
}

/** What was traded, window by window. */
export function tradingReport(
  { windowTurnover, windowCosts }: CandidateActivity,
  rebalances: number,
): TradingReport {
  return { turnover: [...windowTurnover], costs: [...windowCosts], rebalances };
}
