import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  fallenAway,
  joinSleeves,
  type SleeveReturns,
} from "../../../src/quant/meta/join_sleeves.ts";

const DAY = 86_400;

/** A sleeve with returns on days given by their number. */
function sleeve(id: string, bars: Readonly<Record<number, number>>): SleeveReturns {
  const days = Object.keys(bars).map(Number).sort((a, b) => a - b);
  return {
    id,
    timestampsS: Float64Array.from(days, (day) => day * DAY),
    returns: Float64Array.from(days, (day) => bars[day]),
  };
}

Deno.test("joinSleeves() keeps the days that all sleeves have, and compounds what lies between into the next one", () => {
  const stocks = sleeve("stocks", { 2: 0.01, 5: 0.02, 6: 0.03 });
  const coins = sleeve("coins", { 1: 0.5, 2: 0.1, 3: 0.1, 4: 0.1, 5: 0.1, 6: -0.1, 7: 0.5 });
  const { panel, coverage, compoundedDays, outsideDays } = joinSleeves([stocks, coins]);
  assertEquals([...panel.timestampsS], [2 * DAY, 5 * DAY, 6 * DAY]);
  assertEquals(panel.symbols, ["stocks", "coins"]);
  const expected = [0.01, 0.1, 0.02, 1.1 ** 3 - 1, 0.03, -0.1];
  expected.forEach((value, at) => assertAlmostEquals(panel.values[at], value, 1e-15));
  assertEquals(coverage, [
    { id: "stocks", days: 3, shared: 3, compounded: 0, outside: 0 },
    { id: "coins", days: 7, shared: 3, compounded: 2, outside: 2 },
  ]);
  assertEquals(coverage.map(fallenAway), [0, 4 / 7]);
  assertEquals([compoundedDays, outsideDays], [2, 2]);
});

Deno.test("joinSleeves() compounds the bars of a day into the day", () => {
  const hourly: SleeveReturns = {
    id: "hourly",
    timestampsS: Float64Array.of(DAY, DAY + 3600, 2 * DAY - 1, 2 * DAY, 2 * DAY + 7200),
    returns: Float64Array.of(0.1, 0.2, -0.5, 0.3, 0.1),
  };
  const { panel, coverage } = joinSleeves([hourly, sleeve("daily", { 1: 0, 2: 0 })]);
  assertAlmostEquals(panel.values[0], 1.1 * 1.2 * 0.5 - 1, 1e-15);
  assertAlmostEquals(panel.values[2], 1.3 * 1.1 - 1, 1e-15);
  assertEquals(coverage[0], { id: "hourly", days: 2, shared: 2, compounded: 0, outside: 0 });
});

const bars = fc.dictionary(
  fc.integer({ min: 0, max: 60 }).map(String),
  fc.double({ min: -0.5, max: 0.5, noNaN: true }),
  { minKeys: 30 },
);

Deno.test("joinSleeves() changes no sleeve's wealth between the first and the last shared day", () => {
  fc.assert(fc.property(bars, bars, bars, (a, b, c) => {
    const sleeves = [sleeve("a", a), sleeve("b", b), sleeve("c", c)];
    const shared = Object.keys(a).filter((day) => day in b && day in c).map(Number)
      .sort((x, y) => x - y);
    fc.pre(shared.length > 0);
    const { panel, coverage } = joinSleeves(sleeves);
    assertEquals([...panel.timestampsS], shared.map((day) => day * DAY));
    sleeves.forEach(({ timestampsS, returns }, column) => {
      let own = 1, joined = 1;
      returns.forEach((value, k) => {
        const day = timestampsS[k] / DAY;
        if (day >= shared[0] && day <= shared.at(-1)!) own *= 1 + value;
      });
      for (let row = 0; row < shared.length; row++) joined *= 1 + panel.values[row * 3 + column];
      assertAlmostEquals(joined, own, 1e-12 * Math.max(1, own));
      const { days, shared: rows, compounded, outside } = coverage[column];
      assertEquals(rows + compounded + outside, days);
    });
  }));
});

Deno.test("joinSleeves(): a row knows of no bar after its day", () => {
  fc.assert(fc.property(bars, bars, fc.integer({ min: 0, max: 59 }), (a, b, lastDay) => {
    const upTo = (all: Record<string, number>) =>
      Object.fromEntries(Object.entries(all).filter(([day]) => Number(day) <= lastDay));
    const shared = Object.keys(a).filter((day) => day in b && Number(day) <= lastDay);
    fc.pre(shared.length > 0);
    const whole = joinSleeves([sleeve("a", a), sleeve("b", b)]).panel.values;
    const part = joinSleeves([sleeve("a", upTo(a)), sleeve("b", upTo(b))]).panel.values;
    assertEquals([...whole.subarray(0, part.length)], [...part]);
  }));
});

Deno.test("joinSleeves() refuses what cannot be joined, and says why", () => {
  const good = sleeve("good", { 1: 0.1, 2: 0.2 });
  const refused = (sleeves: readonly SleeveReturns[], reason: string) =>
    assertThrows(() => joinSleeves(sleeves), RangeError, reason);
  refused([], "there is none");
  refused([good, good], "two are called good");
  refused([good, sleeve("late", { 5: 0 })], "no day is in all of them (good: 1970-01-02 to");
  refused([good, sleeve("empty", {})], "empty: no days");
  refused([sleeve("bad", { 1: NaN })], "return 0 of bad is NaN");
  const unsorted = { id: "x", timestampsS: Float64Array.of(2, 1), returns: new Float64Array(2) };
  refused([unsorted], "timestamp 1 of x, 1, is not after 2");
  refused([{ ...unsorted, returns: new Float64Array(3) }], "2 timestamps and 3 returns");
});
