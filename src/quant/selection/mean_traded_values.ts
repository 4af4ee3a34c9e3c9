import type { Panel } from "../panel.ts";

/** What symbols trade in a bar on average, over the bars of a span that are known.
 * @param traded what was traded in each bar, in the quote currency; NaN where it is not known
 * @param fromS first and last time of the span, seconds since the Unix epoch; bars outside of it do not count
 * @returns one a symbol wanted; NaN where nothing is known */
export function meanTradedValues(
  traded: Panel,
  symbols: readonly string[],
  fromS: number,
  toS: number,
): Float64Array {
  const { timestampsS, values } = traded;
  const N = traded.symbols.length;
  const columnOf = new Map(traded.symbols.map((symbol, column) => [symbol, column]));
  return Float64Array.from(symbols, (symbol) => {
    const column = columnOf.get(symbol);
    if (column === undefined) return NaN;
    let sum = 0, bars = 0;
    for (let row = 0; row < timestampsS.length; row++) {
      const value = values[row * N + column];
      if (timestampsS[row] < fromS || timestampsS[row] > toS || Number.isNaN(value)) continue;
      sum += value;
      bars++;
    }
    return sum / bars;
  });
}
