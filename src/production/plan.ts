import { closestString } from "@std/text/closest-string";
import { UserError } from "../base/errors.ts";
import type { PriceSource } from "../lakehouse/price_source.ts";
import type { ProductionConfig } from "../manifest/config.ts";
import {
  type WalkForwardWindow,
  walkForwardWindows,
} from "../quant/walk_forward/walk_forward_windows.ts";
import { discoverCandidates } from "./discovery.ts";
import { gridCandidates, weightsChains } from "./grid.ts";

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
  const { train, purge, test } = config.backtest;
  const { modes, refresh } = config.selection;
  const candidates = discoverCandidates(config.discovery, source);
  requireMarket(config.discovery.market ?? [], candidates, source);
  requireCloses(config.backtest.simulators, source);
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
  const chosen = modes.filter((mode) => mode !== "baseline").length;
  return {
    candidates,
    rows,
    windows,
    selections: chosen * (refresh === "once" ? 1 : windows),
    clusterings: modes.length * windows,
    optimisations: windows * weightsChains(config).length,
    backtests: gridCandidates(config).length,
  };
}

function requireMarket(
  market: readonly string[],
  candidates: readonly string[],
  { path }: PriceSource,
): void {
  const known = new Set(candidates);
  const unknown = market.find((symbol) => !known.has(symbol));
  if (unknown === undefined) return;
  throw new UserError(
    `Cannot find ${unknown} of discovery.market among the candidates of ${path}`,
    { hint: `The nearest name there is ${closestString(unknown, candidates)}.` },
  );
}

/** A price file tells closes alone. */
function requireCloses(simulators: readonly string[], { type, path }: PriceSource): void {
  if (type !== "file" || !simulators.includes("event")) return;
  throw new UserError(
    `Cannot simulate by event: ${path} holds closes alone, and event needs the open, high and low of every bar`,
    { hint: "Take event out of backtest.simulators; orders does with closes." },
  );
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
