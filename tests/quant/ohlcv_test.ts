import { assertEquals, assertThrows } from "@std/assert";
import { barsAtRows, hasField, type Ohlcv, symbolWithout } from "../../src/quant/ohlcv.ts";

/** Four days of two symbols; B has no bar on the third one, and no volume at all. */
const BARS: Ohlcv = {
  timestampsS: Float64Array.of(1, 2, 3, 4),
  symbols: ["A", "B"],
  open: Float64Array.of(10, 20, 11, 21, 12, NaN, 13, 23),
  high: Float64Array.of(15, 25, 19, 26, 17, NaN, 18, 28),
  low: Float64Array.of(9, 19, 8, 20, 7, NaN, 12, 22),
  close: Float64Array.of(11, 21, 12, 22, 13, NaN, 14, 24),
  volume: Float64Array.of(100, NaN, 200, NaN, 300, NaN, 400, NaN),
};

Deno.test("barsAtRows() joins what was traded since the row before, and leaves the first price out", () => {
  const joined = barsAtRows(BARS, Float64Array.of(2, 4));
  assertEquals(joined.timestampsS, Float64Array.of(2, 4));
  assertEquals([...joined.open], [11, 21, 12, 23]);
  assertEquals([...joined.high], [19, 26, 18, 28]);
  assertEquals([...joined.low], [8, 20, 7, 22]);
  assertEquals([...joined.close], [12, 22, 14, 24]);
  assertEquals([...joined.volume], [200, NaN, 700, NaN]);
});

Deno.test("barsAtRows() leaves a symbol without a bar since the row before unknown", () => {
  const joined = barsAtRows(BARS, Float64Array.of(2, 3, 4));
  assertEquals([joined.close[3], joined.open[3]], [NaN, NaN]);
});

Deno.test("barsAtRows() refuses a row that has no bar, and names it", () => {
  assertThrows(() => barsAtRows(BARS, Float64Array.of(2, 3.5)), RangeError, "3.5");
});

Deno.test("hasField() asks for a value on every bar, and symbolWithout() names who lacks one", () => {
  assertEquals([hasField(BARS, "open"), hasField(BARS, "volume")], [true, false]);
  assertEquals([symbolWithout(BARS, "open"), symbolWithout(BARS, "volume")], [undefined, "B"]);
  assertEquals(hasField({ ...BARS, close: BARS.close.map(() => NaN) }, "open"), false);
});
