import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  correlationDistances,
  covarianceDistances,
} from "../../../src/quant/clustering/correlation_distance.ts";

// Column 1 follows column 0, column 2 opposes it, column 3 does not move.
const values = Float64Array.of(1, 2, -1, 5, 2, 4, -2, 5, 3, 6, -3, 5);
const window = { values, T: 3, N: 4 };

Deno.test("correlationDistances() runs from 0 for ρ = 1 to 1 for ρ = -1", () => {
  const { data } = correlationDistances(window, [3]);
  assertAlmostEquals(data[0 * 4 + 1], 0, 1e-7);
  assertAlmostEquals(data[0 * 4 + 2], 1, 1e-12);
});

Deno.test("correlationDistances() takes ρ = 0 for an asset without variance, and 0 to itself", () => {
  const { data } = correlationDistances(window, [3]);
  for (let i = 0; i < 3; i++) assertEquals(data[3 * 4 + i], Math.sqrt(0.5));
  assertEquals(data[3 * 4 + 3], 0);
});

Deno.test("correlationDistances() averages lookbacks of the last rows", () => {
  // Over both rows of the end the two move together, over all three rows ρ is 0.
  const short = { values: Float64Array.of(1, 1, 0, 0, 1, 1.5), T: 3, N: 2 };
  const whole = correlationDistances(short, [3]).data[1];
  const recent = correlationDistances(short, [2]).data[1];
  assertAlmostEquals(correlationDistances(short, [2, 3]).data[1], (whole + recent) / 2, 1e-15);
});

Deno.test("correlationDistances() clips lookbacks to the window and counts equal ones once", () => {
  const plain = correlationDistances(window, [2, 3]);
  assertEquals(correlationDistances(window, [2, 3, 60, 120, 3]), plain);
});

Deno.test("correlationDistances() refuses lookbacks that cannot be correlated over", () => {
  assertThrows(() => correlationDistances(window, []), RangeError, "0 were given");
  assertThrows(() => correlationDistances(window, [1]), RangeError, "it is 1");
  assertThrows(() => correlationDistances(window, [2.5]), RangeError, "it is 2.5");
});

Deno.test("covarianceDistances() reads correlations off a covariance", () => {
  const data = Float64Array.of(4, 1, 1, 1);
  const distances = covarianceDistances({ rows: 2, cols: 2, data }).data;
  assertEquals([...distances], [0, 0.5, 0.5, 0]);
});
