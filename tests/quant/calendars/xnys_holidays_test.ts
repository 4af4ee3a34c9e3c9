import { assert, assertEquals } from "@std/assert";
import { isWeekend } from "../../../src/quant/calendars/session_calendar.ts";
import { utcDate, utcDayNumber } from "../../../src/quant/calendars/utc_day.ts";
import { isXnysHoliday } from "../../../src/quant/calendars/xnys_holidays.ts";
import references from "../../reference/calendars/references.json" with { type: "json" };

const day = (date: string) => utcDayNumber(Date.parse(date) / 1000);

Deno.test("isXnysHoliday() agrees with exchange_calendars on every weekday from 1972 to 2029", () => {
  const closed: string[] = [];
  for (let at = day(references.first); at <= day(references.last); at++) {
    if (!isWeekend(at) && isXnysHoliday(at)) closed.push(utcDate(at * 86_400));
  }
  assertEquals(closed, references.closedWeekdays.split(" "));
});

Deno.test("isXnysHoliday() moves a Saturday's holiday to Friday, but not New Year", () => {
  assert(isXnysHoliday(day("2026-07-03")));
  assert(isXnysHoliday(day("2021-12-24")));
  assert(!isXnysHoliday(day("2021-12-31")));
  assert(isXnysHoliday(day("2023-01-02")));
});
