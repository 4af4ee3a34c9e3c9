import { task } from "../../flow/mod.ts";
import type { Panel } from "../../quant/panel.ts";
import { type MarketReading, readMarket } from "../../quant/regime/read_market.ts";
import { type RowRange, trainingWindow } from "./window_assets.ts";

/** Reads the market at each window by its training rows alone: the equal mix of all symbols that are complete in them.
 * @returns one reading a window; null where the rows are too few, or the market lost all */
export const readRegimes = task(
  "read-regimes",
  (
    trains: readonly RowRange[],
    returns: Panel,
    periodsPerYear: number,
  ): (MarketReading | null)[] =>
    trains.map((train) => readMarket(trainingWindow(returns, train), periodsPerYear) ?? null),
  // A process that the system ends for want of memory says nothing of the task: it is tried again elsewhere.
  { run: "cluster", module: import.meta.url, retries: 2 },
);
