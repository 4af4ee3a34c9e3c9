import { assertEquals } from "@std/assert";
import {
  isWeekend,
  observedCalendar,
  ruleCalendar,
} from "../../../src/quant/calendars/session_calendar.ts";
import { utcDate, utcDayNumber } from "../../../src/quant/calendars/utc_day.ts";

const dayOf = (date: string) => utcDayNumber(Date.parse(date) / 1000);

Deno.test("utcDayNumber() and utcDate() agree on the date of a bar at any time of the day", () => {
  assertEquals(utcDayNumber(86_399), 0);
  assertEquals(utcDayNumber(-1), -1);
  assertEquals(utcDate(Date.UTC(2020, 1, 29, 23, 59) / 1000), "2020-02-29");
});

Deno.test("isWeekend() knows Saturday and Sunday, before 1970 as well", () => {
  assertEquals(
    ["2024-01-05", "2024-01-06", "2024-01-07", "2024-01-08"].map((d) => isWeekend(dayOf(d))),
    [false, true, true, false],
  );
  assertEquals([isWeekend(dayOf("1969-12-28")), isWeekend(dayOf("1969-12-29"))], [true, false]);
});

Deno.test("observedCalendar() takes holidays from data and weekdays where it has none", () => {
  // 2024-01-01 was a holiday: observed from Friday to Tuesday.
  const observed = ["2023-12-29", "2024-01-02"].map((d) => Date.parse(d) / 1000);
  const calendar = observedCalendar("XNYS", observed);
  assertEquals(calendar.isSession(dayOf("2024-01-01")), false);
  assertEquals(calendar.isSession(dayOf("2024-01-03")), true);
  assertEquals(calendar.isSession(dayOf("2024-01-06")), false);
  assertEquals(calendar.sessionsBetween(dayOf("2023-12-29"), dayOf("2024-01-02")), 1);
  assertEquals(calendar.sessionsBetween(dayOf("2023-12-29"), dayOf("2024-01-08")), 5);
  assertEquals(calendar.sessionsBetween(dayOf("2024-01-08"), dayOf("2023-12-29")), 0);
});

Deno.test("observedCalendar() without data follows the rule of its market", () => {
  assertEquals(observedCalendar("24x7", []).sessionsBetween(0, 7), 7);
  assertEquals(observedCalendar("24x5", []).sessionsBetween(0, 7), 5);
});

Deno.test("ruleCalendar() knows the holidays of XNYS, and that currencies trade on them", () => {
  // Thanksgiving 2024 was on November 28th; the half day after it is a session.
  const week = [dayOf("2024-11-24"), dayOf("2024-12-01")] as const;
  assertEquals(ruleCalendar("XNYS").sessionsBetween(...week), 4);
  assertEquals(ruleCalendar("24x5").sessionsBetween(...week), 5);
  assertEquals(ruleCalendar("24x7").sessionsBetween(...week), 7);
});
