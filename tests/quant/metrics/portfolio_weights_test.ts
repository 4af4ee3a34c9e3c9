import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { hhi, turnover } from "../../../src/quant/metrics/portfolio_weights.ts";

Deno.test("turnover() is half of what is bought and sold", () => {
  const cash = new Float64Array(2);
  assertEquals(turnover(cash, Float64Array.of(0.5, 0.5)), 0.5);
  assertEquals(turnover(Float64Array.of(1, 0), Float64Array.of(0, 1)), 1);
  assertEquals(turnover(Float64Array.of(0.5, -0.5), Float64Array.of(0.5, -0.5)), 0);
  assertThrows(() => turnover(cash, new Float64Array(3)), RangeError, "2 weights before, 3 after");
});

Deno.test("hhi() is 1/N for equal weights, 1 for one position, and blind to sign and leverage", () => {
  assertAlmostEquals(hhi(new Float64Array(4).fill(0.25)), 0.25, 1e-15);
  assertEquals(hhi(Float64Array.of(0, 0.4, 0)), 1);
  assertAlmostEquals(hhi(Float64Array.of(1.5, -1.5)), 0.5, 1e-15);
  assertEquals(hhi(new Float64Array(3)), NaN);
});
