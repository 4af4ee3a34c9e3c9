import type { ExecutionSettings } from "../../src/production/tasks/simulate_candidate.ts";
import { createRng } from "../../src/base/rng.ts";
import type { Panel } from "../../src/quant/panel.ts";

/** A panel of random daily returns with one common factor, from a Monday in 2018 on. */
export function randomReturns(seed: number, rows: number, symbols: number): Panel {
  const rng = createRng(seed);
  const values = new Float64Array(rows * symbols);
  for (let row = 0; row < rows; row++) {
    const market = 0.008 * rng.normal();
    for (let column = 0; column < symbols; column++) {
      values[row * symbols + column] = 0.0003 + market + 0.01 * rng.normal();
    }
  }
  return {
    timestampsS: Float64Array.from({ length: rows }, (_, row) => 1_514_851_200 + row * 86_400),
    symbols: Array.from({ length: symbols }, (_, column) => `S${column}`),
    values,
  };
}

/** How shares are traded where a test does not say: any fraction, no fees, no limits. */
export const EXECUTION: ExecutionSettings = {
  fillAt: "auto",
  orderType: "market",
  offsetBps: 0,
  maxVolumeShare: 1,
  feesBps: null,
  lotSize: 0,
  tickSize: 0,
  minNotional: 0,
  borrowFeeBps: 0,
  loanBps: 0,
  maintenanceMargin: 0,
};
