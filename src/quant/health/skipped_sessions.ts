import { barSecondsOf } from "../calendars/bar_seconds.ts";
import { ruleCalendar } from "../calendars/session_calendar.ts";
import { utcDayNumber } from "../calendars/utc_day.ts";
import type { Market } from "./markets.ts";

const SECONDS_PER_DAY = 86_400;

/** Finds the sessions between two rows, by the market's rule, on which no symbol of the market has a
 * price: holes that the panel itself does not show, since it has no row for them.
 * @param timestampsS of the panel, seconds since the Unix epoch, rising
 * @returns day numbers, rising; none for bars longer than a day and a half */
export function skippedSessions(
  timestampsS: Float64Array,
  { calendar, sessionRows }: Market,
  firstRow: number,
  lastRow: number,
): number[] {
  const observedS = sessionRows.map((row) => timestampsS[row]);
  if (observedS.length < 2 || barSecondsOf(observedS) > 1.5 * SECONDS_PER_DAY) return [];
  const observed = new Set(observedS.map(utcDayNumber));
  const sessions = ruleCalendar(calendar);
  const skipped: number[] = [];
  const lastDay = utcDayNumber(timestampsS[lastRow]);
  for (let day = utcDayNumber(timestampsS[firstRow]); day <= lastDay; day++) {
    if (sessions.isSession(day) && !observed.has(day)) skipped.push(day);
  }
  return skipped;
}
