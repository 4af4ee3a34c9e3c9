import type { OwnReference } from "../own/load_own.ts";
import { ownSimulator } from "../own/simulate_own.ts";
import { assertNever } from "../../base/errors.ts";
import { hasField, type Ohlcv } from "../../quant/ohlcv.ts";
import type { Panel } from "../../quant/panel.ts";
import type { OrderType } from "../../quant/simulators/match_order.ts";
import type { RebalanceRule } from "../../quant/simulators/rebalance_rule.ts";
import type { RebalanceTarget } from "../../quant/simulators/rebalance_target.ts";
import type { ShareSimulation } from "../../quant/simulators/share_simulation.ts";
import { simulateEvent } from "../../quant/simulators/simulate_event.ts";
import { simulateOrders } from "../../quant/simulators/simulate_orders.ts";
import { simulateVectorized } from "../../quant/simulators/simulate_vectorized.ts";
import type {
  SimulationOutcome,
  TradedOutcome,
} from "../../quant/simulators/simulation_outcome.ts";
import type { PerAsset } from "../../quant/simulators/trading_costs.ts";
import type { SimulatorName } from "../../quant/simulators/simulator_names.ts";

/** One chain of targets over all windows, and how it is simulated. */
export interface CandidateChain {
  readonly targets: readonly RebalanceTarget[];
  /** Of ours; not looked at where `own` is given. */
  readonly simulator: SimulatorName;
  /** A simulator of the user's own. */
  readonly own?: OwnReference;
  /** What is traded between targets. */
  readonly rebalance: RebalanceRule;
}

/** Costs and rules of trading. */
export interface TradingSettings {
  readonly slippageBps: number;
  readonly commissionBps: number;
  readonly initialWealth: number;
  readonly periodsPerYear: number;
  readonly execution: ExecutionSettings;
}

/** How simulators that trade shares trade; see section `execution` of the manifest. */
export interface ExecutionSettings {
  readonly fillAt: "auto" | "open" | "close";
  readonly orderType: OrderType;
  readonly offsetBps: number;
  readonly maxVolumeShare: number;
  /** For all symbols, or one each. */
  readonly lotSize: PerAsset;
  /** For all symbols, or one each. */
  readonly minNotional: PerAsset;
  /** For all symbols, or one each. */
  readonly tickSize: PerAsset;
  /** What each symbol costs to trade, in basis points, in place of the commission; null where that holds for all. */
  readonly feesBps: Float64Array | null;
  readonly borrowFeeBps: number;
  readonly loanBps: number;
  readonly maintenanceMargin: number;
}

/** Makes the function that simulates a candidate under any settings.
 * @throws {Error} for a simulator that needs bars, without */
export async function makeSimulation(
  chain: CandidateChain,
  panel: Panel,
  bars: Ohlcv | null,
): Promise<(settings: TradingSettings) => SimulationOutcome | TradedOutcome> {
  return chain.own === undefined
    ? (settings) => simulateCandidate(chain, panel, bars, settings)
    : await ownSimulator(chain.own, chain, panel, requireBars(chain.own.name, bars));
}

/** Simulates one candidate by a simulator of ours.
 * @param bars of the same rows and columns as the returns; null for a simulator that needs none
 * @throws {Error} for one that trades shares, without bars */
export function simulateCandidate(
  chain: CandidateChain,
  panel: Panel,
  bars: Ohlcv | null,
  settings: TradingSettings,
): SimulationOutcome | TradedOutcome {
  const { simulator, targets, rebalance } = chain;
  const rows = panel.timestampsS.length, cols = panel.symbols.length;
  switch (simulator) {
    case "vectorized": {
      const returns = { values: panel.values, rows, cols };
      return simulateVectorized({ ...settings, returns, targets, rebalance });
    }
    case "orders": {
      const known = requireBars(simulator, bars);
      const { fillAt } = settings.execution;
      const open = fillAt === "open" || (fillAt === "auto" && hasField(known, "open"));
      return simulateOrders({
        ...shareSimulation(chain, settings, cols),
        bars: { rows, cols, open: known.open, close: known.close },
        fillAt: open ? "open" : "close",
      });
    }
    case "event": {
      const { open, high, low, close, volume } = requireBars(simulator, bars);
      const { orderType, offsetBps, maxVolumeShare } = settings.execution;
      const isVolumeKnown = volume.some((value) => !Number.isNaN(value));
      return simulateEvent({
        ...shareSimulation(chain, settings, cols),
        bars: { rows, cols, open, high, low, close, volume: isVolumeKnown ? volume : null },
        orderType,
        offsetBps,
        maxVolumeShare,
      });
    }
    default:
      return assertNever(simulator);
  }
}

/** The same without any friction that costs money: what of a result is lost to trading.
 * @returns settings */
export function withoutCosts(settings: TradingSettings): TradingSettings {
  return {
    ...settings,
    slippageBps: 0,
    commissionBps: 0,
    execution: { ...settings.execution, feesBps: null, borrowFeeBps: 0, loanBps: 0 },
  };
}

function requireBars(simulator: string, bars: Ohlcv | null): Ohlcv {
  if (bars === null) {
    throw new Error(`Cannot simulate by ${simulator} without bars: none are given`);
  }
  return bars;
}

function shareSimulation(
  { targets, rebalance }: CandidateChain,
  { slippageBps, commissionBps, initialWealth, periodsPerYear, execution }: TradingSettings,
  cols: number,
): Omit<ShareSimulation, "bars"> {
  const { borrowFeeBps, loanBps, lotSize, minNotional, tickSize, feesBps, maintenanceMargin } =
    execution;
  return {
    targets,
    rebalance,
    costs: {
      slippageBps,
      commissionBps: feesBps ?? commissionBps,
      borrowFeeBps,
      loanBps,
      periodsPerYear,
    },
    rules: {
      lotSizes: typeof lotSize === "number" ? new Float64Array(cols).fill(lotSize) : lotSize,
      minNotional,
      tickSize,
    },
    maintenanceMargin,
    initialWealth,
  };
}
