import { attributeReturns, type Attribution } from "../../quant/simulators/attribute_returns.ts";
import type { Panel } from "../../quant/panel.ts";
import type { RebalanceRule } from "../../quant/simulators/rebalance_rule.ts";
import type { RebalanceTarget } from "../../quant/simulators/rebalance_target.ts";
import type { SimulationOutcome } from "../../quant/simulators/simulation_outcome.ts";

/** What a candidate held and traded: what reports say of it beside its returns. */
export interface CandidateActivity {
  /** One value a symbol of the panel. */
  readonly attribution: Attribution;
  /** ½Σ|Δw| of each window's trades. */
  readonly windowTurnover: Float64Array;
  /** What these cost, as fractions of wealth. */
  readonly windowCosts: Float64Array;
}

/** Sums up a simulation by asset and by window.
 * @param windowStarts bars at which windows start, counted from the first test row, rising */
export function candidateActivity(
  outcome: SimulationOutcome,
  { values, timestampsS, symbols }: Panel,
  targets: readonly RebalanceTarget[],
  rebalance: RebalanceRule,
  windowStarts: readonly number[],
): CandidateActivity {
  const returns = { values, rows: timestampsS.length, cols: symbols.length };
  const windowTurnover = new Float64Array(windowStarts.length);
  const windowCosts = new Float64Array(windowStarts.length);
  let window = 0;
  outcome.rebalanceRows.forEach((row, k) => {
    while (windowStarts[window + 1] <= row - outcome.firstRow) window++;
    windowTurnover[window] += outcome.turnover[k];
    windowCosts[window] += outcome.costs[k];
  });
  return {
    attribution: attributeReturns({
      returns,
      targets,
      rebalance,
      portfolioReturns: outcome.returns,
    }),
    windowTurnover,
    windowCosts,
  };
}
