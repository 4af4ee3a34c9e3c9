import type { ProductionConfig } from "../manifest/config.ts";
import type { Panel } from "../quant/panel.ts";
import { simulateVectorized } from "../quant/simulators/simulate_vectorized.ts";
import type { Allocated } from "./optimise.ts";

/** Whether weights depend on what is held before, so that the windows of a chain go one by one. */
export function followsHoldings({ risk }: Pick<ProductionConfig, "risk">): boolean {
  return risk.turnover_limit !== undefined || risk.turnover_penalty !== undefined;
}

/** The weights that a chain holds when a later window is decided: those of the window before, moved by the returns since,
 * as under the rebalance rule `window`. A window without a solution went on with what it held.
 * @param row the first test row of the later window
 * @returns N fractions of wealth; all 0 when all was lost or nothing was bought yet */
export function heldWeights(
  { window, allocation, held }: Allocated,
  { symbols, values }: Panel,
  row: number,
): Float64Array {
  const cols = symbols.length;
  const weights = allocation.status === "infeasible" ? held : allocation.weights;
  if (weights === undefined) return new Float64Array(cols);
  const { testFrom } = window;
  const { finalHoldings, finalWealth } = simulateVectorized({
    returns: { values: values.subarray(testFrom * cols, row * cols), rows: row - testFrom, cols },
    targets: [{ row: 0, weights }],
    slippageBps: 0,
    commissionBps: 0,
    initialWealth: 1,
  });
  return finalWealth > 0 ? finalHoldings.map((value) => value / finalWealth) : finalHoldings;
}
