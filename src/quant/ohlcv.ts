import type { Panel } from "./panel.ts";

/** The fields of a bar beside its time. */
export const OHLCV_FIELDS = ["open", "high", "low", "close", "volume"] as const;

/** One of {@linkcode OHLCV_FIELDS}. */
export type OhlcvField = typeof OHLCV_FIELDS[number];

/** Bars of N symbols over T times: what simulators that trade shares look at. Each field is T × N, row after row; NaN
 * where a symbol has no bar, or its source does not tell the field. */
export type Ohlcv =
  & Pick<Panel, "timestampsS" | "symbols">
  & Readonly<Record<OhlcvField, Float64Array>>;

/** Whether every bar that has a close has a field, too. A table without any bar has none. */
export function hasField(bars: Ohlcv, field: OhlcvField): boolean {
  const { close } = bars;
  const values = bars[field];
  let isAny = false;
  for (let at = 0; at < close.length; at++) {
    if (Number.isNaN(close[at])) continue;
    if (Number.isNaN(values[at])) return false;
    isAny = true;
  }
  return isAny;
}

/** The first symbol that has a close without a field.
 * @returns undefined when there is none */
export function symbolWithout(bars: Ohlcv, field: OhlcvField): string | undefined {
  const at = bars.close.findIndex((close, i) =>
    !Number.isNaN(close) && Number.isNaN(bars[field][i])
  );
  return at < 0 ? undefined : bars.symbols[at % bars.symbols.length];
}

/** Bars at the rows of a panel of returns: each row takes what was traded since the row before it, so that a weekend of
 * crypto is part of Monday's bar. The open is the first one, the close the last one, the volume the sum; a field that
 * one of the bars lacks is unknown.
 * @param bars of the prices that the returns were made of, in the same order of symbols
 * @param rowsS timestamps of the returns, rising; each a time of the bars. The first takes its own bar and those back to
 * the bar after the first one: the first price of a history makes no return
 * @throws {RangeError} if the bars lack one of the times */
export function barsAtRows(bars: Ohlcv, rowsS: Float64Array): Ohlcv {
  const N = bars.symbols.length, T = rowsS.length;
  const field = () => new Float64Array(T * N).fill(NaN);
  const joined = {
    timestampsS: rowsS,
    symbols: bars.symbols,
    open: field(),
    high: field(),
    low: field(),
    close: field(),
    volume: field(),
  };
  let from = 1;
  for (let row = 0; row < T; row++) {
    let to = from;
    while (to < bars.timestampsS.length && bars.timestampsS[to] < rowsS[row]) to++;
    if (bars.timestampsS[to] !== rowsS[row]) {
      throw new RangeError(
        `Cannot align bars with returns: there is no bar at ${rowsS[row]}, the time of row ${row}`,
      );
    }
    for (let col = 0; col < N; col++) joinBars(bars, from, to, col, joined, row * N + col);
    from = to + 1;
  }
  return joined;
}

/** Joins the bars of rows `from` to `to` of a column into one. */
function joinBars(
  bars: Ohlcv,
  from: number,
  to: number,
  col: number,
  into: Ohlcv,
  at: number,
): void {
  const N = bars.symbols.length;
  for (let row = from; row <= to; row++) {
    const i = row * N + col;
    if (Number.isNaN(bars.close[i])) continue;
    const isFirst = Number.isNaN(into.close[at]);
    into.open[at] = isFirst ? bars.open[i] : into.open[at];
    into.high[at] = isFirst ? bars.high[i] : Math.max(into.high[at], bars.high[i]);
    into.low[at] = isFirst ? bars.low[i] : Math.min(into.low[at], bars.low[i]);
    into.volume[at] = isFirst ? bars.volume[i] : into.volume[at] + bars.volume[i];
    into.close[at] = bars.close[i];
  }
}
