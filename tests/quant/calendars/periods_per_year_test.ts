import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { periodsPerYear } from "../../../src/quant/calendars/periods_per_year.ts";

const DAY = 86_400;

Deno.test("periodsPerYear() is 252 for sessions and 365 for days", () => {
  assertEquals(periodsPerYear("XNYS", DAY), 252);
  assertEquals(periodsPerYear("24x7", DAY), 365);
  assertEquals(periodsPerYear("24x5", DAY), 260);
  assertEquals(periodsPerYear("24x5", 3600), 260 * 24);
});

Deno.test("periodsPerYear() counts the bars of a session, the short last one included", () => {
  assertEquals(periodsPerYear("XNYS", 300), 252 * 78);
  assertEquals(periodsPerYear("XNYS", 3600), 252 * 7);
  assertEquals(periodsPerYear("XNYS", 12 * 3600), 252);
  assertEquals(periodsPerYear("24x7", 300), 365 * 288);
});

Deno.test("periodsPerYear() of weekly bars is the weeks of a year on any calendar", () => {
  assertAlmostEquals(periodsPerYear("XNYS", 7 * DAY), 365 / 7, 1e-12);
  assertAlmostEquals(periodsPerYear("24x7", 7 * DAY), 365 / 7, 1e-12);
});

Deno.test("periodsPerYear() refuses spacings that it cannot count", () => {
  for (const bad of [0, -1, NaN, Infinity]) {
    assertThrows(() => periodsPerYear("24x7", bad), RangeError, `current value is ${bad}`);
  }
  assertThrows(
    () => periodsPerYear("XNYS", 2 * DAY),
    RangeError,
    "at most a day or at least a week",
  );
});
