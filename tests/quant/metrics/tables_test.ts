import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { maxDrawdown } from "../../../src/quant/metrics/drawdown.ts";
import { drawdownTable } from "../../../src/quant/metrics/drawdown_table.ts";
import { totalReturn } from "../../../src/quant/metrics/growth.ts";
import { monthlyReturns } from "../../../src/quant/metrics/monthly_returns.ts";
import { annualizedVolatility, sharpe } from "../../../src/quant/metrics/risk_adjusted.ts";
import { rolling } from "../../../src/quant/metrics/rolling.ts";
import series from "../../reference/metrics/references.json" with { type: "json" };
import references from "../../reference/metrics/table_references.json" with { type: "json" };

const day = (date: string) => Date.parse(date) / 1000;
const timestampsS = Float64Array.from(references.timestamps.split(" "), Number);

Deno.test("drawdownTable() lists every fall, the deepest first, and which are not over", () => {
  const table = drawdownTable(Float64Array.of(-0.1, 0.2, -0.5, 0.5, 1, -0.2));
  assertEquals(
    table.map(({ startIndex, troughIndex, recoveryIndex, bars }) => [
      startIndex,
      troughIndex,
      recoveryIndex,
      bars,
    ]),
    [[2, 2, 4, 2], [5, 5, NaN, 1], [0, 0, 1, 1]],
  );
  [-0.5, -0.2, -0.1].forEach((depth, k) => assertAlmostEquals(table[k].depth, depth, 1e-15));
  assertEquals(drawdownTable(Float64Array.of(-0.1, 0.2, -0.5), 1).length, 1);
  assertEquals(drawdownTable(Float64Array.of(0.1, 0)), []);
});

Deno.test("drawdownTable() begins with the maximum drawdown", () => {
  const values = fc.array(fc.double({ min: -0.5, max: 0.5, noNaN: true }), {
    minLength: 1,
    maxLength: 40,
  });
  fc.assert(fc.property(values, (returns) => {
    const { depth, startIndex, troughIndex, recoveryIndex } = maxDrawdown(
      Float64Array.from(returns),
    );
    const [first] = drawdownTable(Float64Array.from(returns));
    if (first === undefined) return assertEquals(depth, 0);
    assertEquals([first.depth, first.startIndex, first.troughIndex, first.recoveryIndex], [
      depth,
      startIndex,
      troughIndex,
      recoveryIndex,
    ]);
  }));
});

Deno.test("monthlyReturns() compounds by month and year, and leaves months without bars NaN", () => {
  const dates = ["2023-12-29", "2024-01-02", "2024-01-31", "2024-03-01"].map(day);
  const years = monthlyReturns(Float64Array.of(0.1, 0.1, 0.1, -0.5), dates);
  assertEquals(years.map(({ year }) => year), [2023, 2024]);
  assertAlmostEquals(years[0].months[11], 0.1, 1e-15);
  assertAlmostEquals(years[1].months[0], 0.21, 1e-15);
  assertEquals([years[1].months[1], years[1].months[2]], [NaN, -0.5]);
  assertAlmostEquals(years[1].total, 1.21 * 0.5 - 1, 1e-15);
  assertThrows(() => monthlyReturns(Float64Array.of(1), []), RangeError, "1 returns, 0 timestamps");
});

Deno.test("rolling() has a value for each full window and NaN before", () => {
  const values = Float64Array.of(1, 2, 3, 4);
  const sums = rolling(4, 3, (from, to) => values.subarray(from, to).reduce((a, b) => a + b));
  assertEquals([...sums], [NaN, NaN, 6, 9]);
  assertEquals([...rolling(2, 3, () => 1)], [NaN, NaN]);
  assertThrows(() => rolling(2, 0, () => 1), RangeError, "window must be a whole number >= 1");
});

for (const [name, expected] of Object.entries(references.tables)) {
  const returns = Float64Array.from(
    series.returns[name as keyof typeof references.tables].split(" "),
    Number,
  );
  Deno.test(`tables of drawdowns, months and rolling metrics agree with QuantStats on ${name}`, () => {
    const table = drawdownTable(returns, expected.drawdowns.length);
    expected.drawdowns.forEach(([depth, start, valley, end], k) => {
      const { startIndex, troughIndex, bars } = table[k];
      assertAlmostEquals(table[k].depth, depth, 1e-9);
      assertEquals([startIndex, troughIndex, startIndex + bars - 1], [start, valley, end]);
    });

    const years = monthlyReturns(returns, timestampsS);
    const months = years.flatMap(({ year, months }) =>
      [...months].map((value, k) => [year, k + 1, value])
    );
    assertEquals(months.length, expected.months.length);
    months.forEach(([year, month, value], k) => {
      assertEquals([year, month], expected.months[k].slice(0, 2));
      assertAlmostEquals(value, expected.months[k][2], 1e-9);
    });
    const growth = years.reduce((wealth, { total }) => wealth * (1 + total), 1);
    assertAlmostEquals(growth, 1 + totalReturn(returns), 1e-12);

    const window = (from: number, to: number) => returns.subarray(from, to);
    const ratios = rolling(returns.length, 126, (from, to) => sharpe(window(from, to), 252));
    const volatilities = rolling(
      returns.length,
      126,
      (from, to) => annualizedVolatility(window(from, to), 252),
    );
    expected.rollingSharpe.forEach((value, k) =>
      assertAlmostEquals(ratios[125 + 100 * k], value, 1e-9)
    );
    expected.rollingVolatility.forEach((value, k) =>
      assertAlmostEquals(volatilities[125 + 100 * k], value, 1e-9)
    );
  });
}
