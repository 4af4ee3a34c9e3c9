import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  deflatedSharpe,
  expectedMaxSharpe,
  probabilisticSharpe,
  probabilityAboveSharpe,
} from "../../../src/quant/metrics/sharpe_inference.ts";

Deno.test("a deflated Sharpe ratio is that of the example in Bailey and López de Prado (2014)", () => {
  // 5 years of 250 days, annualised Sharpe 2.5, skew -3, kurtosis 10; the best of 100 trials whose
  // annualised Sharpe ratios have variance 1/2. The paper gives 0.1132 and 0.9004.
  const threshold = expectedMaxSharpe(100, Math.sqrt(0.5 / 250));
  assertAlmostEquals(threshold, 0.1132, 5e-5);
  const sample = { sharpe: 2.5 / Math.sqrt(250), skew: -3, kurtosis: 10, bars: 1250 };
  assertAlmostEquals(probabilityAboveSharpe(sample, threshold), 0.9004, 5e-5);
});

Deno.test("probabilityAboveSharpe() is one half at the observed ratio and NaN without a variance", () => {
  const sample = { sharpe: 0.1, skew: 0, kurtosis: 3, bars: 100 };
  assertEquals(probabilityAboveSharpe(sample, 0.1), 0.5);
  assertEquals(probabilityAboveSharpe({ ...sample, skew: 100 }, 0), NaN);
});

Deno.test("probabilisticSharpe() does not exist for too few or equal returns", () => {
  assertEquals(probabilisticSharpe(Float64Array.of(0.1, 0.2, 0.1)), NaN);
  assertEquals(probabilisticSharpe(new Float64Array(50).fill(0.1)), NaN);
});

Deno.test("deflatedSharpe() falls as trials are added and equals the plain one for a single trial", () => {
  const returns = Float64Array.from({ length: 60 }, (_, t) => 0.002 + 0.02 * Math.sin(t * t));
  const plain = probabilisticSharpe(returns);
  assertEquals(deflatedSharpe(returns, Float64Array.of(0.3)), plain);
  const few = deflatedSharpe(returns, Float64Array.of(0.1, 0, -0.1));
  const many = deflatedSharpe(returns, Float64Array.of(0.1, 0, -0.1, 0.1, 0, -0.1, 0.1, 0, -0.1));
  assert(many < few && few < plain, `${many} < ${few} < ${plain}`);
});

Deno.test("deflatedSharpe() refuses to be without a trial", () => {
  assertThrows(
    () => deflatedSharpe(Float64Array.of(0.1, 0.2), new Float64Array()),
    RangeError,
    "trials must be a whole number >= 1: current value is 0",
  );
});
