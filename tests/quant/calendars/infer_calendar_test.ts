import { assertEquals, assertThrows } from "@std/assert";
import { barSecondsOf } from "../../../src/quant/calendars/bar_seconds.ts";
import { inferCalendar } from "../../../src/quant/calendars/infer_calendar.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;
/** 2024-01-01, a Monday. */
const MONDAY = Date.UTC(2024, 0, 1) / 1000;

function days(count: number, keep: (weekday: number) => boolean = () => true): number[] {
  return Array.from({ length: count }, (_, k) => k).filter((k) => keep(k % 7))
    .map((k) => MONDAY + k * DAY);
}
const isWeekday = (weekday: number) => weekday < 5;
/** Sessions of XNYS: weekdays but New Year, Martin Luther King's and Washington's day. */
const sessions = (count: number) =>
  days(count, isWeekday).filter((s) => ![0, 14, 49].includes((s - MONDAY) / DAY));

Deno.test("inferCalendar() tells daily bars with weekends from those without", () => {
  assertEquals(inferCalendar(days(60)), "24x7");
  assertEquals(inferCalendar(sessions(60)), "XNYS");
});

Deno.test("inferCalendar() tells currencies by their bars on the holidays of XNYS", () => {
  assertEquals(inferCalendar(days(60, isWeekday)), "24x5");
  assertEquals(inferCalendar(days(60, isWeekday).filter((s) => s !== MONDAY)), "24x5");
  assertEquals(inferCalendar(days(45, isWeekday)), "XNYS");
});

Deno.test("inferCalendar() is not misled by one Saturday bar or by missing weekends", () => {
  assertEquals(inferCalendar(sessions(60).concat(MONDAY + 61 * DAY)), "XNYS");
  assertEquals(inferCalendar(days(60).filter((_, k) => k !== 5 && k !== 6)), "24x7");
});

Deno.test("inferCalendar() tells intraday bars within a week by how much of the day they cover", () => {
  const aroundTheClock = Array.from({ length: 70 }, (_, k) => MONDAY + k * HOUR);
  const inSession = [0, 1, 2].flatMap((day) =>
    Array.from({ length: 7 }, (_, k) => MONDAY + day * DAY + (14.5 + k) * HOUR)
  );
  assertEquals(inferCalendar(aroundTheClock), "24x7");
  assertEquals(inferCalendar(inSession), "XNYS");
  assertEquals(inferCalendar(days(5)), "XNYS");
});

Deno.test("inferCalendar() refuses bars longer than a day, too few or falling ones", () => {
  const weekly = [0, 1, 2].map((k) => MONDAY + k * 7 * DAY);
  assertThrows(() => inferCalendar(weekly), RangeError, "604800 s apart; name the calendar");
  assertThrows(() => inferCalendar([MONDAY]), RangeError, "it takes 2 timestamps, got 1");
  assertThrows(() => inferCalendar([DAY, DAY]), RangeError, "row 1 has 86400 after 86400");
});

Deno.test("barSecondsOf() is the usual spacing, whatever weekends and holes there are", () => {
  assertEquals(barSecondsOf(days(30, isWeekday)), DAY);
  assertEquals(barSecondsOf([0, 300, 600, 4000, 4300]), 300);
});
