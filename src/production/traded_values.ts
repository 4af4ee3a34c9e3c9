import { withLakehouse } from "../lakehouse/place.ts";
import { readOhlcv } from "../lakehouse/prices/read_panel.ts";
import { readTradedValues } from "../lakehouse/price_files/read_traded_values.ts";
import type { Panel } from "../quant/panel.ts";
import { hashOfPrices, selectPrices } from "./audit.ts";
import type { ProductionContext } from "./context.ts";

/** What was traded, and the hash of what tells it. */
export interface Traded {
  /** T bars × N symbols, in the quote currency; NaN where it is not known. */
  readonly panel: Panel;
  readonly sha256: string;
}

/** What is traded in each bar: as the file of `selection.traded_values` says, or else close × volume of the bars of a
 * lakehouse.
 * @returns undefined where neither tells
 * @throws {UserError} when the file cannot be used */
export async function readTraded(
  context: ProductionContext,
  symbols: readonly string[],
): Promise<Traded | undefined> {
  const { traded_values: path } = context.config.selection;
  if (path !== undefined) return await readTradedValues(path);
  if (context.source.type === "file") return undefined;
  const prices = selectPrices(context, symbols);
  const { timestampsS, close, volume } = await withLakehouse(
    prices.lakehouse,
    (lake) => readOhlcv(lake, symbols, prices),
    prices,
  );
  return {
    panel: { timestampsS, symbols, values: close.map((price, at) => price * volume[at]) },
    sha256: hashOfPrices(prices),
  };
}
