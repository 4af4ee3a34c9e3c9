import { UserError } from "../base/errors.ts";
import { shared, type SharedValue } from "../flow/mod.ts";
import { withLakehouse } from "../lakehouse/place.ts";
import { readOhlcv } from "../lakehouse/prices/read_panel.ts";
import type { ProductionConfig } from "../manifest/config.ts";
import { barsAtRows, type Ohlcv, symbolWithout } from "../quant/ohlcv.ts";
import type { Panel } from "../quant/panel.ts";
import { selectPrices } from "./audit.ts";
import type { ProductionContext } from "./context.ts";

/** The simulator that looks at no bars. */
const WITHOUT_BARS = "vectorized";
/** What an event-driven simulation cannot do without. */
const EVENT_FIELDS = ["open", "high", "low"] as const;

/** The bars that the simulators of a configuration trade on, at the rows of its returns.
 * @returns null when none of them needs any
 * @throws {UserError} when a simulator needs what the prices do not tell */
export async function readMarketBars(
  context: ProductionContext,
  returns: Panel,
): Promise<SharedValue<Ohlcv> | null> {
  const { config } = context;
  if (config.backtest.simulators.every((simulator) => simulator === WITHOUT_BARS)) return null;
  const prices = selectPrices(context, returns.symbols);
  const bars = await withLakehouse(
    prices.lakehouse,
    (lake) => readOhlcv(lake, returns.symbols, prices),
    prices,
  );
  requireFields(bars, config);
  return shared(barsAtRows(bars, returns.timestampsS));
}

function requireFields(bars: Ohlcv, { backtest, execution }: ProductionConfig): void {
  const refuse = (simulator: string, field: string, symbol: string): never => {
    throw new UserError(
      "prices/no-bars",
      `Cannot simulate by ${simulator}: the prices of ${symbol} tell no ${field} on a day with a close`,
      {
        hint: simulator === "event"
          ? "Give prices with open, high and low, or take event out of backtest.simulators; orders does with closes."
          : "Give prices with opens, or set execution.fill_at to close.",
      },
    );
  };
  const { simulators } = backtest;
  if (simulators.includes("event")) {
    for (const field of EVENT_FIELDS) {
      const symbol = symbolWithout(bars, field);
      if (symbol !== undefined) refuse("event", field, symbol);
    }
  }
  if (simulators.includes("orders") && execution.fill_at === "open") {
    const symbol = symbolWithout(bars, "open");
    if (symbol !== undefined) refuse("orders", "open", symbol);
  }
}
