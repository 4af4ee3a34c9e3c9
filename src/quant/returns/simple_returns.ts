import type { Panel } from "../panel.ts";

/** Simple returns p[t+1] / p[t] − 1 of every symbol, as fractions; row t carries the timestamp of
 * price row t + 1.
 *
 * Before a symbol's second price its returns are NaN. A hole between two prices values the position
 * at its last price: 0 in the hole, and the whole move on the row where the price comes back, so
 * that compounding gives the right wealth. After the last price they are NaN, not 0: a symbol that
 * has left must not look like one that stands still.
 * @param prices T × N prices > 0, NaN where there is none
 * @returns (T − 1) × N, or 0 rows when T < 2
 * @throws {RangeError} if `values` is not T × N, or a price is not finite and > 0, or a return
 * overflows; the message names the symbol and the time */
export function simpleReturns(prices: Panel): Panel {
  const { timestampsS, symbols, values } = prices;
  const rows = timestampsS.length;
  const cols = symbols.length;
  if (values.length !== rows * cols) {
    throw new RangeError(
      `Cannot compute returns: ${rows} timestamps and ${cols} symbols need ${rows * cols} ` +
        `prices, got ${values.length}`,
    );
  }
  const returns = new Float64Array(Math.max(0, rows - 1) * cols).fill(NaN);
  const lastPrice = new Float64Array(cols).fill(NaN);
  const lastPriceRow = new Int32Array(cols).fill(-1);

  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) {
      const price = values[row * cols + col];
      const previous = lastPrice[col];
      if (Number.isNaN(price)) {
        if (!Number.isNaN(previous)) returns[(row - 1) * cols + col] = 0;
        continue;
      }
      const isFirst = Number.isNaN(previous);
      const simpleReturn = isFirst ? 0 : price / previous - 1;
      if (!(price > 0 && price < Infinity && simpleReturn < Infinity)) {
        throw new RangeError(
          `Cannot compute returns: the price of ${symbols[col]} at ` +
            `${new Date(timestampsS[row] * 1000).toISOString()} must be finite and > 0` +
            `${isFirst ? "" : `, within reach of ${previous} before it`}: ` +
            `current value is ${price}`,
        );
      }
      if (!isFirst) returns[(row - 1) * cols + col] = simpleReturn;
      lastPrice[col] = price;
      lastPriceRow[col] = row;
    }
  }
  forgetAfterLastPrice(returns, lastPriceRow, rows, cols);
  return { timestampsS: timestampsS.slice(1), symbols, values: returns };
}

/** Turns the zeros that the forward pass wrote after a symbol's last price back into NaN. */
function forgetAfterLastPrice(
  returns: Float64Array,
  lastPriceRow: Int32Array,
  rows: number,
  cols: number,
): void {
  for (let col = 0; col < cols; col++) {
    if (lastPriceRow[col] < 0) continue;
    for (let row = lastPriceRow[col]; row < rows - 1; row++) returns[row * cols + col] = NaN;
  }
}
