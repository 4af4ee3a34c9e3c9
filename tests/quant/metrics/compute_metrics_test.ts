import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { computeMetrics } from "../../../src/quant/metrics/compute_metrics.ts";
import {
  ABSOLUTE_METRICS,
  METRICS,
  RELATIVE_METRICS,
} from "../../../src/quant/metrics/metric_descriptors.ts";

const FIVE = Float64Array.of(0.1, -0.2, 0.1, 0, 0.05);

Deno.test("computeMetrics() gives what five returns give by hand", () => {
  const metrics = computeMetrics(FIVE, { periodsPerYear: 5 });
  const wealth = 1.1 * 0.8 * 1.1 * 1 * 1.05;
  const std = Math.sqrt((0.09 ** 2 + 0.21 ** 2 + 0.09 ** 2 + 0.01 ** 2 + 0.04 ** 2) / 4);
  assertAlmostEquals(metrics.total_return, wealth - 1, 1e-15);
  assertAlmostEquals(metrics.annualized_return, wealth - 1, 1e-15);
  assertAlmostEquals(metrics.annualized_volatility, std * Math.sqrt(5), 1e-15);
  assertAlmostEquals(metrics.sharpe, 0.01 / std * Math.sqrt(5), 1e-14);
  assertAlmostEquals(metrics.sortino, 0.01 / Math.sqrt(0.04 / 5) * Math.sqrt(5), 1e-14);
  assertAlmostEquals(metrics.calmar, (wealth - 1) / 0.2, 1e-14);
  assertAlmostEquals(metrics.omega, 0.25 / 0.2, 1e-14);
  assertAlmostEquals(metrics.max_drawdown, -0.2, 1e-15);
  assertAlmostEquals(metrics.var_95, -0.2 + 0.2 * 0.2, 1e-15);
  assertEquals(metrics.cvar_95, -0.2);
  assertEquals(metrics.win_rate, 3 / 4);
  assertAlmostEquals(metrics.profit_factor, 0.25 / 0.2, 1e-14);
});

Deno.test("computeMetrics() names exactly the metrics that are described", () => {
  const alone = computeMetrics(FIVE, { periodsPerYear: 252 });
  const relative = computeMetrics(FIVE, { periodsPerYear: 252, benchmark: FIVE });
  const names = ABSOLUTE_METRICS.map(({ name }) => name as string);
  assertEquals(Object.keys(alone), names);
  assertEquals(Object.keys(relative), [...names, ...RELATIVE_METRICS.map(({ name }) => name)]);
  assertEquals(new Set(METRICS.map(({ name }) => name)).size, METRICS.length);
});

Deno.test("computeMetrics() of no returns is NaN throughout", () => {
  const empty = new Float64Array();
  const metrics = computeMetrics(empty, { periodsPerYear: 252, benchmark: empty });
  for (const [name, value] of Object.entries(metrics)) assert(Number.isNaN(value), name);
});

Deno.test("computeMetrics() has no ratio for returns that never move, however they round", () => {
  const metrics = computeMetrics(new Float64Array(7).fill(0.1), { periodsPerYear: 252 });
  assertEquals(metrics.annualized_volatility, 0);
  for (
    const name of [
      "sharpe",
      "sortino",
      "calmar",
      "omega",
      "skew",
      "kurtosis",
      "profit_factor",
    ] as const
  ) assert(Number.isNaN(metrics[name]), name);
  assertEquals(metrics.max_drawdown, 0);
  assertEquals(metrics.max_drawdown_start, NaN);
});

Deno.test("computeMetrics() clips nothing when more than all is lost", () => {
  const metrics = computeMetrics(Float64Array.of(0.5, -1.2, 0), { periodsPerYear: 252 });
  assertAlmostEquals(metrics.total_return, -1.3, 1e-15);
  assertEquals(metrics.annualized_return, NaN);
  assertAlmostEquals(metrics.max_drawdown, -1.2, 1e-15);
  const allLost = computeMetrics(Float64Array.of(0.5, -1), { periodsPerYear: 252 });
  assertEquals(allLost.annualized_return, -1);
});

Deno.test("computeMetrics() of a benchmark against itself has beta 1, alpha 0 and full capture", () => {
  const metrics = computeMetrics(FIVE, {
    periodsPerYear: 252,
    benchmark: FIVE,
    riskFreeRate: 0.02,
  });
  assertAlmostEquals(metrics.beta ?? NaN, 1, 1e-15);
  assertAlmostEquals(metrics.alpha ?? NaN, 0, 1e-15);
  assertEquals(metrics.tracking_error, 0);
  assertEquals(metrics.information_ratio, NaN);
  assertEquals([metrics.up_capture, metrics.down_capture], [1, 1]);
});

Deno.test("computeMetrics() with a benchmark that stands still has no beta and no capture", () => {
  const benchmark = new Float64Array(5);
  const metrics = computeMetrics(FIVE, { periodsPerYear: 252, benchmark });
  assertEquals([metrics.alpha, metrics.beta], [NaN, NaN]);
  assertEquals([metrics.up_capture, metrics.down_capture], [NaN, NaN]);
});

Deno.test("computeMetrics() refuses what is not finite, and says which", () => {
  const refuse = (
    returns: number[],
    settings: Parameters<typeof computeMetrics>[1],
    what: string,
  ) => assertThrows(() => computeMetrics(Float64Array.from(returns), settings), RangeError, what);
  refuse([0, NaN], { periodsPerYear: 252 }, "return 1 must be finite: current value is NaN");
  refuse([0], { periodsPerYear: 0 }, "periodsPerYear must be finite and > 0: current value is 0");
  refuse([0], { periodsPerYear: 252, riskFreeRate: -1 }, "riskFreeRate");
  refuse(
    [0],
    { periodsPerYear: 252, benchmark: new Float64Array(2) },
    "must have 1 returns, got 2",
  );
  refuse([0], { periodsPerYear: 252, benchmark: Float64Array.of(Infinity) }, "of the benchmark 0");
});

const series = fc.array(fc.double({ min: -0.5, max: 0.5, noNaN: true }), {
  minLength: 4,
  maxLength: 60,
})
  .map((values) => Float64Array.from(values));

Deno.test("computeMetrics() orders its measures of loss for any returns", () => {
  fc.assert(
    fc.property(series, (returns) => {
      const metrics = computeMetrics(returns, { periodsPerYear: 252 });
      assert(metrics.cvar_95 <= metrics.var_95 + 1e-15);
      assert(metrics.gaussian_cvar_95 <= metrics.gaussian_var_95 + 1e-15);
      assert(metrics.max_drawdown <= Math.min(0, ...returns) + 1e-15);
      const { max_drawdown_start: start, max_drawdown_trough: trough } = metrics;
      assert(metrics.max_drawdown === 0 ? Number.isNaN(start) : start <= trough);
    }),
  );
});

Deno.test("computeMetrics() leaves its input as it is", () => {
  const returns = FIVE.slice();
  computeMetrics(returns, { periodsPerYear: 252, benchmark: returns, riskFreeRate: 0.01 });
  assertEquals(returns, FIVE);
});
