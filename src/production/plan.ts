import { closestString } from "@std/text/closest-string";
import { errorMessage, UserError } from "../base/errors.ts";
import type { PriceSource } from "../lakehouse/prices/price_source.ts";
import type { ProductionConfig } from "../manifest/config.ts";
import {
  type WalkForwardWindow,
  walkForwardWindows,
} from "../quant/walk_forward/walk_forward_windows.ts";
import {
  type CombinatorialSettings,
  type CombinatorialSplits,
  combinatorialSplits,
} from "../quant/walk_forward/combinatorial_splits.ts";
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
  /** Trainings of the splits of a cross-validation, and tests along their paths. */
  readonly crossValidations: number;
}

/** Plans a run.
 * @throws {UserError} for unknown symbols, and when the prices have too few rows for one window */
export function planProduction(config: ProductionConfig, source: PriceSource): ProductionPlan {
  const { train, purge, test } = config.backtest;
  const { modes, refresh } = config.selection;
  const candidates = discoverCandidates(config.discovery, source);
  requireMarket(config.discovery.market ?? [], candidates, source);
  requireCloses(config.backtest.simulators, source);
  requireTradedValues(config.selection, source);
  const rows = Math.min(source.rows, config.data.lookback_days);
  // T prices make T - 1 returns.
  if (rows - 1 < train + purge + test) {
    throw new UserError(
      "backtest/too-few-rows",
      `Cannot backtest ${source.path}: it has ${source.rows} rows, one window of backtest.train ${train} + ` +
        `backtest.purge ${purge} + backtest.test ${test} returns needs ${train + purge + test + 1}`,
      { hint: "Give prices with more history, or make backtest.train and backtest.test smaller." },
    );
  }
  const windows = cutWindows(rows - 1, config).length;
  const chains = weightsChains(config).length;
  const splits = cutSplits(rows - 1, config)?.splits.length ?? 0;
  const chosen = modes.filter((mode) => mode !== "baseline").length;
  return {
    candidates,
    rows,
    windows,
    selections: chosen * (refresh === "once" ? 1 : windows),
    clusterings: modes.length * windows,
    optimisations: windows * chains,
    backtests: gridCandidates(config).length,
    crossValidations: splits === 0 ? 0 : splits + chains * config.backtest.rebalance.length,
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
    "prices/unknown-symbol",
    `Cannot find ${unknown} of discovery.market among the candidates of ${path}`,
    { hint: `The nearest name there is ${closestString(unknown, candidates)}.` },
  );
}

/** A price file tells closes alone. */
function requireCloses(simulators: readonly string[], { type, path }: PriceSource): void {
  if (type !== "file" || !simulators.includes("event")) return;
  throw new UserError(
    "prices/no-bars",
    `Cannot simulate by event: ${path} holds closes alone, and event needs the open, high and low of every bar`,
    { hint: "Take event out of backtest.simulators; orders does with closes." },
  );
}

/** A price file does not tell what is traded. */
function requireTradedValues(
  { modes, traded_values: traded }: ProductionConfig["selection"],
  { type, path }: PriceSource,
): void {
  if (type !== "file" || traded !== undefined || !modes.includes("liquid")) return;
  throw new UserError(
    "prices/no-volumes",
    `Cannot select by liquid: ${path} tells no volumes, and selection.traded_values is not set`,
    { hint: "Name a wide CSV or Parquet file of traded values, or take prices from a lakehouse." },
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
      "backtest/too-few-rows",
      `Cannot backtest: the symbols that are fit for use have ${returnRows} rows of returns, one window of ` +
        `backtest.train ${backtest.train} + backtest.purge ${backtest.purge} needs more`,
      {
        hint: "Give prices with more history, raise data.min_days_floor, or lower backtest.train.",
      },
    );
  }
  return walkForwardWindows(returnRows, backtest);
}

/** The splits of a cross-validation of so many rows of returns, and what they are cut by; undefined where the
 * configuration asks for none.
 * @throws {UserError} when they cannot be cut, or one would have fewer than two rows to train on */
export function cutSplits(
  returnRows: number,
  { backtest: { cross_validation: cut } }: Pick<ProductionConfig, "backtest">,
): CombinatorialSplits & { readonly settings: CombinatorialSettings } | undefined {
  if (cut === undefined) return undefined;
  const { groups, test_groups: testGroups, purge = 0, embargo = 0 } = cut;
  const settings = { groups, testGroups, purge, embargo };
  const hint = "Change backtest.cross_validation, or give prices with more history.";
  let found: CombinatorialSplits;
  try {
    found = combinatorialSplits(returnRows, settings);
  } catch (cause) {
    throw new UserError(
      "backtest/bad-splits",
      `Cannot cross-validate ${returnRows} rows: ${errorMessage(cause)}`,
      {
        hint,
        cause,
      },
    );
  }
  const rowsOf = (ranges: readonly { readonly from: number; readonly to: number }[]) =>
    ranges.reduce((sum, { from, to }) => sum + to - from, 0);
  const bare = found.splits.find(({ train }) => rowsOf(train) < 2);
  if (bare === undefined) return { ...found, settings };
  throw new UserError(
    "backtest/bad-splits",
    `Cannot cross-validate ${returnRows} rows: purge ${purge} and embargo ${embargo} leave split ${bare.index} ` +
      `${rowsOf(bare.train)} rows to train on`,
    { hint },
  );
}
