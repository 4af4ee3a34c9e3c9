import { assertEquals, assertThrows } from "@std/assert";
import { meanReturns } from "../../../src/quant/estimators/mean_returns.ts";

Deno.test("meanReturns() averages each column", () => {
  const values = Float64Array.of(0.01, -0.02, 0.03, 0.04);
  assertEquals([...meanReturns({ values, T: 2, N: 2 })], [0.02, 0.01]);
});

Deno.test("meanReturns() reads a window that is a view into a longer panel", () => {
  const panel = Float64Array.of(9, 9, 1, 2, 3, 4);
  assertEquals([...meanReturns({ values: panel.subarray(2), T: 2, N: 2 })], [2, 3]);
});

Deno.test("meanReturns() names the row and the asset of a missing return", () => {
  const values = Float64Array.of(0.01, 0.02, 0.03, NaN);
  assertThrows(
    () => meanReturns({ values, T: 2, N: 2 }),
    RangeError,
    "Cannot estimate from row 1, asset 1: its return is NaN",
  );
});

Deno.test("meanReturns() refuses a window without assets, with one row, or of another length", () => {
  const values = new Float64Array(2);
  assertThrows(() => meanReturns({ values: new Float64Array(), T: 2, N: 0 }), RangeError, "N is 0");
  assertThrows(() => meanReturns({ values, T: 1, N: 2 }), RangeError, "T is 1");
  assertThrows(() => meanReturns({ values, T: 2, N: 2 }), RangeError, "4 are needed");
});
