import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { createRng } from "../../../src/base/rng.ts";
import {
  backtestOverfitting,
  evenGroups,
} from "../../../src/quant/metrics/backtest_overfitting.ts";

const series = (...values: number[]) => Float64Array.from(values);

Deno.test("backtestOverfitting() is 0 where one trial is the best in every half", () => {
  // Sharpe ratios of the halves, by hand: mean 2 over std √2, and mean 0 over std √2.
  const good = series(1, 3, 1, 3), bad = series(-1, 1, -1, 1);
  const found = backtestOverfitting([good, bad], 2);
  assertEquals(found.probability, 0);
  assertEquals(found.lossProbability, 0);
  // The best of two has rank 2 of 3: ln((2/3) / (1/3)).
  found.logits.forEach((logit) => assertAlmostEquals(logit, Math.log(2), 1e-12));
  assertEquals(found.logits.length, 2);
  assertEquals(found.degradation, NaN);
});

Deno.test("backtestOverfitting() is 1 where what wins in one half loses in the other", () => {
  const first = series(1, 3, -3, -1), second = series(-3, -1, 1, 3);
  const found = backtestOverfitting([first, second], 2);
  assertEquals(found.probability, 1);
  assertEquals(found.lossProbability, 1);
  found.logits.forEach((logit) => assertAlmostEquals(logit, -Math.log(2), 1e-12));
});

Deno.test("backtestOverfitting() has the slope of out-of-sample over in-sample Sharpe ratios", () => {
  // Halves with means 2 and 4 and equal spread: Sharpe ratios √2 and 2√2. What is gained in sample is lost out of it.
  const found = backtestOverfitting([series(1, 3, 3, 5), series(-1, 1, -1, 1)], 2);
  assertAlmostEquals(found.degradation, -1, 1e-12);
});

Deno.test("backtestOverfitting() shares the rank of equal trials, which is the median", () => {
  const found = backtestOverfitting([series(1, 3, 1, 3), series(1, 3, 1, 3)], 2);
  found.logits.forEach((logit) => assertAlmostEquals(logit, 0, 1e-12));
  assertEquals(found.probability, 1);
});

Deno.test("backtestOverfitting() never chooses a trial that does not move, and ranks it last", () => {
  const still = series(0.1, 0.1, 0.1, 0.1);
  const found = backtestOverfitting([still, series(-3, -1, -3, -1)], 2);
  assertEquals(found.probability, 0);
  assertEquals(found.lossProbability, 1);
  assertEquals(backtestOverfitting([still, still], 2).probability, NaN);
});

Deno.test("backtestOverfitting() of trials without skill is about a half, with skill far less", () => {
  const rng = createRng(5);
  const noise = Array.from(
    { length: 20 },
    () => Float64Array.from({ length: 1000 }, () => 0.01 * rng.normal()),
  );
  const luck = backtestOverfitting(noise, 10);
  assertEquals(luck.logits.length, 252);
  assert(luck.probability > 0.25 && luck.probability < 0.9, String(luck.probability));
  const skilled = noise[3].map((value) => value + 0.003);
  const skill = backtestOverfitting([...noise, skilled], 10);
  assert(skill.probability < 0.02, String(skill.probability));
});

Deno.test("backtestOverfitting() does not change with the scale of any trial, nor with their order", () => {
  const trial = fc.array(fc.double({ min: -0.1, max: 0.1, noNaN: true }), {
    minLength: 12,
    maxLength: 12,
  });
  fc.assert(fc.property(trial, trial, trial, (a, b, c) => {
    const trials = [a, b, c].map((values) =>
      Float64Array.from(values, (v, i) => v + 1e-3 * (i % 3))
    );
    const scaled = trials.map((values, k) => values.map((value) => value * 2 ** k));
    const { probability } = backtestOverfitting(trials, 4);
    assertEquals(backtestOverfitting(scaled, 4).probability, probability);
  }));
});

Deno.test("backtestOverfitting() refuses what it cannot cut, and evenGroups() finds what it can", () => {
  const trials = [series(1, 2, 3, 4, 5, 6, 7, 8), series(8, 7, 6, 5, 4, 3, 2, 1)];
  assertThrows(
    () => backtestOverfitting(trials, 3),
    RangeError,
    "Cannot measure overfitting: groups must be even, from 2 to 4 for 8 returns: current value is 3",
  );
  assertThrows(() => backtestOverfitting(trials, 6), RangeError, "current value is 6");
  assertThrows(
    () => backtestOverfitting([trials[0], series(1, 2)], 2),
    RangeError,
    "series of 8 and of 2 returns",
  );
  assertEquals([evenGroups(7, 100), evenGroups(10, 8), evenGroups(99, 1000), evenGroups(2, 3)], [
    6,
    4,
    14,
    undefined,
  ]);
});
