import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { compoundToSessions } from "../../../src/quant/returns/compound_to_sessions.ts";
import { simpleReturns } from "../../../src/quant/returns/simple_returns.ts";

const DAY = 86_400;

Deno.test("compoundToSessions() puts a weekend of crypto into Monday, and leaves stocks alone", () => {
  // Thursday to Tuesday: the stock has no price at the weekend.
  const prices = {
    timestampsS: Float64Array.from([0, 1, 2, 3, 4, 5], (day) => day * DAY),
    symbols: ["coin", "stock"],
    values: Float64Array.of(100, 50, 110, 51, 121, NaN, 60.5, NaN, 121, 53, 130, 53),
  };
  const { timestampsS, values } = compoundToSessions(simpleReturns(prices), [0, 3, 4]);
  assertEquals([...timestampsS], [DAY, 4 * DAY, 5 * DAY]);
  const expected = [0.1, 0.02, 0.1, 53 / 51 - 1, 130 / 121 - 1, 0];
  expected.forEach((value, k) => assertAlmostEquals(values[k], value, 1e-15));
});

Deno.test("compoundToSessions() keeps NaN before a first and after a last price, and drops an open weekend", () => {
  const returns = {
    timestampsS: Float64Array.of(1, 2, 3, 4),
    symbols: ["A", "B"],
    values: Float64Array.of(NaN, 0.1, NaN, 0.1, 0.5, NaN, 0.1, NaN),
  };
  const { timestampsS, values } = compoundToSessions(returns, [1, 2]);
  assertEquals([...timestampsS], [2, 3]);
  assertEquals([values[0], values[2], values[3]], [NaN, 0.5, NaN]);
  assertAlmostEquals(values[1], 0.21, 1e-15);
});

Deno.test("compoundToSessions() refuses rows that do not rise within the returns", () => {
  const returns = {
    timestampsS: Float64Array.of(1, 2),
    symbols: ["A"],
    values: Float64Array.of(0, 0),
  };
  assertThrows(
    () => compoundToSessions(returns, [1, 1]),
    RangeError,
    "session 1 must be a row from 2 on and before 2: current value is 1",
  );
});
