import {
  type Account,
  chargeFinancing,
  equityOf,
  heldWeights,
  isMarginCalled,
  liquidate,
  markPrices,
  openAccount,
} from "./account.ts";
import type { MarketBars } from "./market_bars.ts";
import { requireRules, type TradingRules } from "./order_sizing.ts";
import { isRebalanceDue, type RebalanceRule, requireRebalanceRule } from "./rebalance_rule.ts";
import { type RebalanceTarget, requireTargets } from "./rebalance_target.ts";
import type { TradedOutcome } from "./simulation_outcome.ts";
import { TradeLog } from "./trade_log.ts";
import { requireCosts, type TradingCosts } from "./trading_costs.ts";

/** What simulators that trade shares have in common. */
export interface ShareSimulation {
  readonly bars: MarketBars;
  /** At least one, rows strictly rising. */
  readonly targets: readonly RebalanceTarget[];
  /** When holdings go back to the target between targets. */
  readonly rebalance: RebalanceRule;
  readonly costs: TradingCosts;
  readonly rules: TradingRules;
  /** Equity over gross holdings below which all is sold at the close, as a fraction; 0 for never
   * before ruin. */
  readonly maintenanceMargin: number;
  /** Cash before the first rebalance, in any currency. */
  readonly initialWealth: number;
}

/** What one bar of a simulator does between the closes. */
export interface BarHandler {
  /** Trades on a bar, before or at its close; prices of the account are those of the close before.
   * @param target the target to trade to, null when none is due
   * @returns wanted trades left out */
  trade(row: number, target: Float64Array | null): number;
  /** Forgets orders that are still open: all was liquidated. */
  cancelAll(): void;
}

/** The account under way, and where its trades go. */
export interface TradingDesk {
  readonly account: Account;
  readonly log: TradeLog;
}

/** Runs the bars from the first target on: financing, trades, marking to the close, margin.
 *
 * Wealth and holdings carry from target to target and are never reset. A liquidated account stays in
 * cash until the next target. When losses take all wealth, that bar's return is as it is, −1 or less;
 * all is closed and nothing is traded any more.
 * @param handlerOf makes the simulator's part, which trades on the desk that it is given
 * @throws {RangeError} if a shape, a row or a number is out of range; the message names it */
export function simulateShares(
  simulation: ShareSimulation,
  handlerOf: (desk: TradingDesk) => BarHandler,
): TradedOutcome {
  requireValid(simulation);
  const { bars: { rows, cols, close }, targets, rebalance, costs, initialWealth } = simulation;
  const account = openAccount(initialWealth, cols);
  const log = new TradeLog();
  const handler = handlerOf({ account, log });
  const firstRow = targets[0].row;
  for (let row = 0; row < firstRow; row++) markPrices(account, close, row * cols);

  const returns = new Float64Array(rows - firstRow);
  const rebalances = new RebalanceRecord(account);
  const weights = new Float64Array(cols);
  const liquidationRows: number[] = [];
  let inForce: Float64Array | null = null;
  let nextTarget = 0;
  let equity = initialWealth;
  let skippedOrders = 0;
  let unpricedBars = 0;
  let ruinedAtRow: number | null = null;

  for (let row = firstRow; row < rows && ruinedAtRow === null; row++) {
    let due: Float64Array | null = null;
    if (nextTarget < targets.length && targets[nextTarget].row === row) {
      due = inForce = targets[nextTarget++].weights;
    } else if (inForce !== null && rebalance.mode !== "window") {
      heldWeights(account, equity, weights);
      if (isRebalanceDue(rebalance, weights, inForce)) due = inForce;
    }
    if (due !== null) rebalances.begin(row, equity);
    chargeFinancing(account, costs);
    skippedOrders += handler.trade(row, due);
    unpricedBars += markPrices(account, close, row * cols);
    let after = equityOf(account);
    if (after > 0 && isMarginCalled(account, after, simulation.maintenanceMargin)) {
      liquidate(account, log, row, costs);
      handler.cancelAll();
      liquidationRows.push(row);
      inForce = null;
      after = equityOf(account);
    }
    if (!(after > 0)) {
      // What is left is closed at the market; there is no wealth to pay costs with.
      account.cash = after;
      account.shares.fill(0);
      ruinedAtRow = row;
    }
    returns[row - firstRow] = after / equity - 1;
    equity = after;
  }
  const finalHoldings = account.shares.map((held, col) =>
    held === 0 ? 0 : held * account.prices[col]
  );
  return {
    firstRow,
    returns,
    ...rebalances.columns(),
    totalCost: account.tradingCost + account.financingCost,
    financingCost: account.financingCost,
    finalWealth: equity,
    finalHoldings,
    finalShares: account.shares,
    finalCash: account.cash,
    unpricedBars,
    ruinedAtRow,
    skippedOrders,
    liquidationRows,
    trades: log.trades(),
  };
}

/** Turnover and cost of each rebalance: what was traded from its start to the next one's. */
class RebalanceRecord {
  readonly #rows: number[] = [];
  readonly #wealth: number[] = [];
  readonly #traded: number[] = [];
  readonly #costs: number[] = [];

  constructor(readonly account: Account) {}

  begin(row: number, wealth: number): void {
    this.#rows.push(row);
    this.#wealth.push(wealth);
    this.#traded.push(this.account.traded);
    this.#costs.push(this.account.tradingCost);
  }

  columns() {
    const { account } = this;
    const change = (before: readonly number[], end: number) =>
      Float64Array.from(
        before,
        (value, k) => ((k + 1 < before.length ? before[k + 1] : end) - value) / this.#wealth[k],
      );
    return {
      rebalanceRows: Int32Array.from(this.#rows),
      turnover: change(this.#traded, account.traded).map((share) => share / 2),
      costs: change(this.#costs, account.tradingCost),
    };
  }
}

function requireValid(simulation: ShareSimulation): void {
  const { bars, targets, rebalance, costs, rules, maintenanceMargin, initialWealth } = simulation;
  requireTargets(targets, bars.rows, bars.cols);
  requireRebalanceRule(rebalance);
  requireCosts(costs, bars.cols);
  requireRules(rules, bars.cols);
  if (!(maintenanceMargin >= 0 && maintenanceMargin <= 1)) {
    throw new RangeError(
      `Cannot simulate: maintenanceMargin must be in [0, 1]: current value is ${maintenanceMargin}`,
    );
  }
  if (!(initialWealth > 0 && initialWealth < Infinity)) {
    throw new RangeError(
      `Cannot simulate: initialWealth must be finite and > 0: current value is ${initialWealth}`,
    );
  }
}
