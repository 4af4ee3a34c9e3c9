import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { Panel } from "../../../src/quant/panel.ts";
import { simpleReturns } from "../../../src/quant/returns/simple_returns.ts";

const DAY = 86_400;

/** One column a symbol, one row a day from 1970-01-01. */
function pricesOf(columns: Record<string, readonly number[]>): Panel {
  const symbols = Object.keys(columns);
  const rows = columns[symbols[0]].length;
  return {
    symbols,
    timestampsS: Float64Array.from({ length: rows }, (_, row) => row * DAY),
    values: Float64Array.from(
      { length: rows * symbols.length },
      (_, k) => columns[symbols[k % symbols.length]][Math.floor(k / symbols.length)],
    ),
  };
}

Deno.test("simpleReturns() divides each price by the one before and keeps the later timestamp", () => {
  const returns = simpleReturns(pricesOf({ A: [100, 110, 99], B: [4, 2, 3] }));
  assertEquals(returns.timestampsS, Float64Array.of(DAY, 2 * DAY));
  assertEquals(returns.symbols, ["A", "B"]);
  [0.1, -0.5, -0.1, 0.5].forEach((value, k) => assertAlmostEquals(returns.values[k], value, 1e-15));
});

Deno.test("simpleReturns() holds the last price in a hole and books the move when prices return", () => {
  const { values } = simpleReturns(pricesOf({ A: [100, NaN, NaN, 121, 121] }));
  assertEquals(values, Float64Array.of(0, 0, 121 / 100 - 1, 0));
});

Deno.test("simpleReturns() is NaN up to the first price and after the last one", () => {
  const { values } = simpleReturns(pricesOf({ A: [NaN, NaN, 2, 3, NaN, NaN] }));
  assertEquals(values, Float64Array.of(NaN, NaN, 0.5, NaN, NaN));
});

Deno.test("simpleReturns() of a symbol without a price, or with one alone, is NaN throughout", () => {
  const { values } = simpleReturns(pricesOf({ A: [NaN, NaN, NaN], B: [NaN, 1, NaN] }));
  assertEquals(values, new Float64Array(4).fill(NaN));
});

Deno.test("simpleReturns() of fewer than two rows has no rows", () => {
  assertEquals(simpleReturns(pricesOf({ A: [1] })).values.length, 0);
  const empty = simpleReturns(pricesOf({ A: [] }));
  assertEquals([empty.values.length, empty.timestampsS.length], [0, 0]);
});

Deno.test("simpleReturns() refuses what is no price and names the symbol and the time", () => {
  for (const bad of [0, -3, Infinity]) {
    assertThrows(
      () => simpleReturns(pricesOf({ A: [1, 1], B: [1, bad] })),
      RangeError,
      "the price of B at 1970-01-02T00:00:00.000Z must be finite and > 0",
    );
  }
  assertThrows(() => simpleReturns(pricesOf({ A: [1e-300, 1e300] })), RangeError, "within reach");
  assertThrows(
    () => simpleReturns({ ...pricesOf({ A: [1, 2] }), values: new Float64Array(3) }),
    RangeError,
    "2 timestamps and 1 symbols need 2 prices, got 3",
  );
});

Deno.test("simpleReturns() compounds to last price over first price whatever the holes", () => {
  const price = fc.option(fc.double({ min: 0.01, max: 1000, noNaN: true }), { nil: NaN });
  fc.assert(
    fc.property(fc.array(price, { minLength: 2, maxLength: 40 }), (column) => {
      const known = column.filter((value) => !Number.isNaN(value));
      const { values } = simpleReturns(pricesOf({ A: column }));
      const wealth = values.reduce((w, r) => Number.isNaN(r) ? w : w * (1 + r), 1);
      const expected = known.length < 2 ? 1 : known[known.length - 1] / known[0];
      assert(Math.abs(wealth / expected - 1) < 1e-9, `${wealth} is not ${expected}`);
    }),
  );
});
