import { UserError } from "../base/errors.ts";
import type { PriceSource } from "../lakehouse/price_source.ts";
import type { ProductionConfig } from "../manifest/config.ts";
import {
  type WalkForwardWindow,
  walkForwardWindows,
} from "../quant/walk_forward/walk_forward_windows.ts";
import { discoverCandidates } from "./discovery.ts";

/** What a production run will do at most, as far as it can be known before any work. */
export interface ProductionPlan {
  readonly candidates: readonly string[];
  /** Rows of prices that are used. */
  readonly rows: number;
  readonly windows: number;
  readonly selections: number;
  readonly clusterings: number;
  readonly optimisations: number;
  readonly backtests: number;
}

/** Plans a run.
 * @throws {UserError} for unknown symbols, and when the prices have too few rows for one window */
export function planProduction(config: ProductionConfig, source: PriceSource): ProductionPlan {
  const { train, purge, test, engines, profiles, simulators } = config.backtest;
  const { mode, refresh } = config.selection;
  const candidates = discoverCandidates(config.discovery, source);
  const rows = Math.min(source.rows, config.data.lookback_days);
  // T prices make T - 1 returns.
  if (rows - 1 < train + purge + test) {
    throw new UserError(
      `Cannot backtest ${source.path}: it has ${source.rows} rows, one window of backtest.train ${train} + ` +
        `backtest.purge ${purge} + backtest.test ${test} returns needs ${train + purge + test + 1}`,
      { hint: "Give prices with more history, or make backtest.train and backtest.test smaller." },
    );
  }
  const windows = cutWindows(rows - 1, config).length;
  const chains = engines.length * profiles.length;
  return {
    candidates,
    rows,
    windows,
    selections: mode === "baseline" ? 0 : refresh === "once" ? 1 : windows,
    clusterings: windows,
    optimisations: windows * chains,
    backtests: chains * simulators.length,
  };
}

/** The windows of so many rows of returns. The plan knows only the whole price file: the symbols that the audit leaves
 * may share fewer dates.
 * @throws {UserError} when there is none */
export function cutWindows(
  returnRows: number,
  { backtest }: Pick<ProductionConfig, "backtest">,
): WalkForwardWindow[] {
  if (returnRows <= backtest.train + backtest.purge) {
    throw new UserError(
      `Cannot backtest: the symbols that are fit for use have ${returnRows} rows of returns, one window of ` +
        `backtest.train ${backtest.train} + backtest.purge ${backtest.purge} needs more`,
      {
        hint: "Give prices with more history, raise data.min_days_floor, or lower backtest.train.",
      },
    );
  }
  return walkForwardWindows(returnRows, backtest);
}
