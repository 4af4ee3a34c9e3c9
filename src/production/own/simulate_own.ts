import type { Ohlcv } from "../../quant/ohlcv.ts";
import type { Panel } from "../../quant/panel.ts";
import type {
  SimulationOutcome,
  TradedOutcome,
} from "../../quant/simulators/simulation_outcome.ts";
import type { CandidateChain, TradingSettings } from "../tasks/simulate_candidate.ts";
import { loadOwn, type OwnReference } from "./load_own.ts";
import type { OwnMeasured } from "./own_types.ts";

/** Makes a function of a simulator of the user's own, which checks what it gives.
 * @throws {TypeError} when it gives other than a finite return for each row from the first target on */
export async function ownSimulator(
  own: OwnReference,
  { targets, rebalance }: CandidateChain,
  returns: Panel,
  bars: Ohlcv,
): Promise<(settings: TradingSettings) => SimulationOutcome | TradedOutcome> {
  const simulator = await loadOwn("simulators", own.name, own);
  const firstRow = targets[0].row;
  const rows = returns.timestampsS.length - firstRow;
  return (settings) => {
    const outcome = simulator({ targets, rebalance, returns, bars, settings });
    const bad = outcome.returns.findIndex((value) => !Number.isFinite(value));
    if (outcome.firstRow === firstRow && outcome.returns.length === rows && bad < 0) return outcome;
    throw new TypeError(
      `Cannot use what own simulator ${own.name} gives: ${rows} finite returns from row ${firstRow} on are wanted, ` +
        `got ${outcome.returns.length} from row ${outcome.firstRow}${
          bad < 0 ? "" : `, return ${bad} is ${outcome.returns[bad]}`
        }`,
    );
  };
}

/** Computes metrics of the user's own, by their names. */
export async function ownMetrics(
  metrics: readonly OwnReference[],
  measured: OwnMeasured,
): Promise<Record<string, number>> {
  const values: Record<string, number> = {};
  for (const own of metrics) {
    values[own.name] = (await loadOwn("metrics", own.name, own)).compute(measured);
  }
  return values;
}
