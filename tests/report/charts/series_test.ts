import { assert, assertAlmostEquals, assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { monthlyReturns } from "../../../src/report/model/monthly_returns.ts";
import {
  type ChartPoint,
  downsample,
  drawdownPoints,
  rollingSharpePoints,
  wealthPoints,
} from "../../../src/report/charts/series.ts";

Deno.test("wealthPoints() starts at 1 one bar before the first return and compounds", () => {
  const points = wealthPoints({ timestampsS: [100, 200, 300], returns: [0.1, -0.5, NaN] });
  assertEquals(points.map(([timeMs]) => timeMs), [0, 100_000, 200_000, 300_000]);
  [1, 1.1, 0.55, 0.55].forEach((value, i) =>
    assertAlmostEquals(points[i]?.[1] ?? NaN, value, 1e-15)
  );
  assertEquals(wealthPoints({ timestampsS: [], returns: [] }), []);
});

Deno.test("drawdownPoints() measures from the highest value so far", () => {
  const points = drawdownPoints([[0, 1], [1, 2], [2, 1], [3, 4]]);
  assertEquals(points.map(([, value]) => value), [0, 0, -0.5, 0]);
});

Deno.test("rollingSharpePoints() equals the ratio computed anew for each stretch", () => {
  const returns = Array.from({ length: 40 }, (_, t) => Math.sin(t * t) / 50);
  const points = rollingSharpePoints({ timestampsS: returns.map((_, t) => t), returns }, 12);
  assertEquals(points.length, 29);
  points.forEach(([, value], i) => {
    const year = returns.slice(i, i + 12);
    const mean = year.reduce((sum, r) => sum + r, 0) / 12;
    const deviation = Math.sqrt(year.reduce((sum, r) => sum + (r - mean) ** 2, 0) / 11);
    assertAlmostEquals(value, mean / deviation * Math.sqrt(12), 1e-9);
  });
});

Deno.test("rollingSharpePoints() leaves out years without a change", () => {
  const series = { timestampsS: [0, 1, 2, 3, 4], returns: [0.01, 0.01, 0.01, 0.01, 0.02] };
  assertEquals(rollingSharpePoints(series, 4).map(([timeMs]) => timeMs), [4000]);
});

Deno.test("downsample() keeps ends and extremes, in order and within the limit", () => {
  fc.assert(fc.property(
    fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 400 }),
    fc.integer({ min: 4, max: 100 }),
    (values, limit) => {
      const points = values.map((value, t): ChartPoint => [t, value]);
      const kept = downsample(points, limit);
      assertLessOrEqual(kept.length, Math.max(limit, Math.min(limit, points.length)));
      assertEquals([kept[0], kept.at(-1)], [points[0], points.at(-1)]);
      assert(kept.every(([time], i) => i === 0 || time > (kept[i - 1]?.[0] ?? NaN)));
      assertEquals(Math.max(...kept.map(([, v]) => v)), Math.max(...values));
      assertEquals(Math.min(...kept.map(([, v]) => v)), Math.min(...values));
    },
  ));
});

Deno.test("monthlyReturns() compounds within months and years of UTC", () => {
  const at = (day: string): number => Date.parse(`${day}T23:30:00Z`) / 1000;
  const years = monthlyReturns({
    timestampsS: [at("2020-11-30"), at("2020-12-01"), at("2020-12-31"), at("2021-01-01")],
    returns: [0.5, 0.1, 0.1, -0.2],
  });
  assertEquals(years.map(({ year }) => year), [2020, 2021]);
  const [first, second] = years;
  assertEquals(first?.months.slice(0, 10), Array(10).fill(null));
  assertAlmostEquals(first?.months[11] ?? NaN, 0.21, 1e-15);
  assertAlmostEquals(first?.total ?? NaN, 1.5 * 1.21 - 1, 1e-15);
  assertAlmostEquals(second?.months[0] ?? NaN, -0.2, 1e-15);
});
