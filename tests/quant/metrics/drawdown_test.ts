import { assertAlmostEquals, assertEquals } from "@std/assert";
import { maxDrawdown } from "../../../src/quant/metrics/drawdown.ts";

Deno.test("maxDrawdown() finds start, trough and recovery of the deepest of two drawdowns", () => {
  // Wealth 1.1, 0.99, 1.1, 0.825, 0.55, 1.1, 1.21
  const returns = Float64Array.of(0.1, -0.1, 1 / 9 + 1e-15, -0.25, -1 / 3, 1 + 1e-14, 0.1);
  const drawdown = maxDrawdown(returns);
  assertAlmostEquals(drawdown.depth, -0.5, 1e-12);
  assertEquals([drawdown.startIndex, drawdown.troughIndex, drawdown.recoveryIndex], [3, 4, 5]);
});

Deno.test("maxDrawdown() counts a loss on the first bar, and none recovered is NaN", () => {
  assertEquals(maxDrawdown(Float64Array.of(-0.5, 0.5)), {
    depth: -0.5,
    startIndex: 0,
    troughIndex: 0,
    recoveryIndex: NaN,
  });
});

Deno.test("maxDrawdown() keeps the recovery of the deepest when a shallower one follows", () => {
  const drawdown = maxDrawdown(Float64Array.of(-0.5, 1, -0.25, 0.5));
  assertEquals(drawdown, { depth: -0.5, startIndex: 0, troughIndex: 0, recoveryIndex: 1 });
});

Deno.test("maxDrawdown() keeps the earliest of equal drawdowns", () => {
  const drawdown = maxDrawdown(Float64Array.of(-0.5, 1, -0.5, 1));
  assertEquals([drawdown.startIndex, drawdown.recoveryIndex], [0, 1]);
});

Deno.test("maxDrawdown() of rising wealth is 0 and has no dates", () => {
  const none = { startIndex: NaN, troughIndex: NaN, recoveryIndex: NaN };
  assertEquals(maxDrawdown(Float64Array.of(0.1, 0, 0.1)), { depth: 0, ...none });
  assertEquals(maxDrawdown(new Float64Array()), { depth: NaN, ...none });
});
