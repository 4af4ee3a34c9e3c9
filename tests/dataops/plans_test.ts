import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { isRebased, missingRanges, wantedRange } from "../../src/dataops/fetch_plan.ts";
import { findBarGaps } from "../../src/dataops/gap_plan.ts";
import { barStart } from "../../src/dataops/interval.ts";
import { joinRanges, subtractRanges, type TimeRange } from "../../src/dataops/time_ranges.ts";
import { ruleCalendar } from "../../src/quant/calendars/session_calendar.ts";

const DAY_S = 86_400;
const at = (text: string) => Date.parse(text) / 1000;

const range = fc.tuple(fc.nat(40), fc.nat(12)).map(([fromS, length]) => ({
  fromS,
  toS: fromS + length,
}));
const secondsOf = (ranges: readonly TimeRange[]) =>
  new Set(
    ranges.flatMap(({ fromS, toS }) => Array.from({ length: toS - fromS }, (_, i) => fromS + i)),
  );

Deno.test("joined ranges are the same time in rising ranges that do not touch", () => {
  fc.assert(fc.property(fc.array(range), (ranges) => {
    const joined = joinRanges(ranges);
    assertEquals(secondsOf(joined), new Set([...secondsOf(ranges)].sort((a, b) => a - b)));
    for (let i = 1; i < joined.length; i++) assert(joined[i].fromS > joined[i - 1].toS);
  }));
});

Deno.test("subtractRanges() leaves exactly the time that no range has", () => {
  fc.assert(fc.property(range, fc.array(range), (whole, covered) => {
    const left = secondsOf(subtractRanges(whole, covered));
    assertEquals(left, secondsOf([whole]).difference(secondsOf(covered)));
  }));
});

Deno.test("a run needs lookback + 100 bars, by the sessions of its calendar, that are over", () => {
  const wanted = (calendar: "XNYS" | "24x7", intervalS: number, now: string) =>
    wantedRange({ calendar, intervalS, lookback: 50, nowS: at(now) });
  const coins = wanted("24x7", DAY_S, "2024-03-06T15:00:00Z");
  assertEquals(coins, { fromS: at("2024-03-06") - 150 * DAY_S, toS: at("2024-03-06") });
  const hours = wanted("24x7", 3600, "2024-03-06T15:59:59Z");
  assertEquals(hours, {
    fromS: at("2024-03-06T15:00:00Z") - 150 * 3600,
    toS: at("2024-03-06T15:00:00Z"),
  });
  const stocks = wanted("XNYS", DAY_S, "2024-03-06T23:00:00Z");
  const sessions = ruleCalendar("XNYS").sessionsBetween(
    stocks.fromS / DAY_S - 1,
    stocks.toS / DAY_S - 1,
  );
  assertEquals([sessions, stocks.toS], [150, at("2024-03-06")]);
});

Deno.test("weekly bars begin on Mondays, others at whole multiples of their length", () => {
  assertEquals(barStart(at("2024-03-06T12:00:00Z"), 7 * DAY_S), at("2024-03-04"));
  assertEquals(barStart(at("2024-03-06T12:34:56Z"), 900), at("2024-03-06T12:30:00Z"));
});

Deno.test("on a weekend stocks are fresh once Friday is there, coins are not", () => {
  const wanted = { fromS: at("2024-03-01"), toS: at("2024-03-10") };
  const answered = [{ fromS: at("2024-02-01"), toS: at("2024-03-09") }];
  const plan = (calendar: "XNYS" | "24x7") =>
    missingRanges(wanted, answered, { calendar, intervalS: DAY_S });
  assertEquals(plan("XNYS"), []);
  assertEquals(plan("24x7"), [{ fromS: at("2024-03-09"), toS: at("2024-03-10") }]);
});

Deno.test("a longer lookback asks for the time before alone", () => {
  const wanted = { fromS: 0, toS: 100 * DAY_S };
  const answered = [{ fromS: 40 * DAY_S, toS: 100 * DAY_S }];
  assertEquals(missingRanges(wanted, answered, { calendar: "24x7", intervalS: DAY_S }), [
    { fromS: 0, toS: 40 * DAY_S },
  ]);
});

Deno.test("a split shows as other closes of the same bars", () => {
  const stored = new Map([[1, 100], [2, 102]]);
  const fetched = (...close: number[]) => ({
    timestampsS: Float64Array.from([1, 2, 3].slice(0, close.length)),
    close: Float64Array.from(close),
  });
  assertEquals(isRebased(stored, fetched(100.0001, 102, 7)), false);
  assertEquals(isRebased(stored, fetched(50, 51)), true);
  assertEquals(isRebased(new Map(), fetched(50, 51)), false);
});

Deno.test("a skipped session is a gap, a weekend of an exchange is none", () => {
  const days = ["2024-03-07", "2024-03-08", "2024-03-11", "2024-03-13"].map(at);
  const times = Float64Array.from(days);
  assertEquals(findBarGaps(times, "XNYS", DAY_S), [
    { fromS: at("2024-03-12"), toS: at("2024-03-13") },
  ]);
  assertEquals(findBarGaps(times, "24x7", DAY_S), [
    { fromS: at("2024-03-09"), toS: at("2024-03-11") },
    { fromS: at("2024-03-12"), toS: at("2024-03-13") },
  ]);
});

Deno.test("hours that are missing within a day are a gap, a night of an exchange is none", () => {
  const hours = [
    "2024-03-07T14:00Z",
    "2024-03-07T15:00Z",
    "2024-03-07T18:00Z",
    "2024-03-08T14:00Z",
  ];
  const times = Float64Array.from(hours, at);
  const hole = { fromS: at("2024-03-07T16:00Z"), toS: at("2024-03-07T18:00Z") };
  assertEquals(findBarGaps(times, "XNYS", 3600), [hole]);
  assertEquals(findBarGaps(times, "24x7", 3600).length, 2);
});
