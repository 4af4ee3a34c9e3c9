import { UserError } from "../../base/errors.ts";
import type { RawPrices } from "../../lakehouse/price_files/raw_prices.ts";

const FIELDS = ["open", "high", "low", "close", "volume"] as const;

/** Whether a table's headings are those of one symbol's bars. */
export function hasBarHeadings(headings: readonly string[]): boolean {
  return headings.some((heading) => heading.toLowerCase() === "close");
}

/** The bars of a table whose columns are open, high, low, close and volume, in any order and case; what is not there is
 * NaN. With a column of adjusted closes, all prices of a bar are adjusted as its close is.
 * @param where names the table in messages
 * @returns rows of timestamp, open, high, low, close, volume
 * @throws {UserError} when there is no column of closes */
export function barRows({ timestampsS, symbols, values }: RawPrices, where: string): number[][] {
  const names = symbols.map((name) => name.toLowerCase().replaceAll(/[ _]/g, ""));
  const at = FIELDS.map((field) => names.indexOf(field));
  const adjusted = names.indexOf("adjclose");
  if (at[3] < 0) {
    throw new UserError(
      "dataops/no-bars",
      `Cannot read bars from ${where}: no column is called close`,
      {
        hint: `Its columns are ${symbols.join(", ")}.`,
      },
    );
  }
  return [...timestampsS].map((timestampS, row) => {
    const cell = (column: number) => column < 0 ? NaN : values[row * symbols.length + column];
    const [open, high, low, close, volume] = at.map(cell);
    return adjustedRow(timestampS, [open, high, low, close], volume, cell(adjusted));
  });
}

/** A row whose prices are all adjusted as its close is.
 * @param prices open, high, low, close as traded
 * @param adjustedClose NaN where there is none: then nothing is adjusted */
export function adjustedRow(
  timestampS: number,
  prices: readonly number[],
  volume: number,
  adjustedClose: number,
): number[] {
  const [open, high, low, close] = prices;
  if (!(adjustedClose > 0 && close > 0)) return [timestampS, open, high, low, close, volume];
  const factor = adjustedClose / close;
  // Rounding must not put a close above the high that it was.
  const adjustedHigh = high === close ? adjustedClose : high * factor;
  const adjustedLow = low === close ? adjustedClose : low * factor;
  return [timestampS, open * factor, adjustedHigh, adjustedLow, adjustedClose, volume];
}
