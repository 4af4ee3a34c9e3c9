import { barSecondsOf } from "./bar_seconds.ts";
import { type CalendarId, isWeekend } from "./session_calendar.ts";
import { utcDate, utcDayNumber } from "./utc_day.ts";
import { isXnysHoliday } from "./xnys_holidays.ts";

const SECONDS_PER_DAY = 86_400;

/** Tells from the timestamps of bars which calendar they follow.
 *
 * "24x7": bars on more than half of the span's weekend days (a stray Saturday bar of an exchange does
 * not count); "24x5": not that, but bars on nine tenths of the weekdays on which XNYS was closed, of
 * at least two, Christmas and New Year aside, when currencies rest as well; else "XNYS". Where the span holds no such day, bars over more than half of a day mean "24x7";
 * daily bars from a Monday to a Friday cannot be told apart and count as "XNYS".
 * @param timestampsS seconds since the Unix epoch, strictly rising; bars of a day or shorter
 * @throws {RangeError} if there are fewer than 2 bars, they do not rise, or they are longer than a day */
export function inferCalendar(timestampsS: ArrayLike<number>): CalendarId {
  const barSeconds = barSecondsOf(timestampsS);
  if (barSeconds > 1.5 * SECONDS_PER_DAY) {
    throw new RangeError(
      `Cannot infer the calendar: bars must be a day or shorter, but they are ${barSeconds} s ` +
        `apart; name the calendar instead`,
    );
  }
  const days = new Set<number>();
  for (let k = 0; k < timestampsS.length; k++) days.add(utcDayNumber(timestampsS[k]));

  const firstDay = utcDayNumber(timestampsS[0]);
  const lastDay = utcDayNumber(timestampsS[timestampsS.length - 1]);
  const weekends = { days: 0, withBars: 0 };
  const holidays = { days: 0, withBars: 0 };
  for (let day = firstDay; day <= lastDay; day++) {
    const kind = isWeekend(day) ? weekends : isCurrencyDay(day) ? holidays : null;
    if (kind === null) continue;
    kind.days++;
    if (days.has(day)) kind.withBars++;
  }
  if (weekends.withBars > weekends.days / 2) return "24x7";
  if (holidays.days >= 2 && holidays.withBars >= 0.9 * holidays.days) return "24x5";
  if (weekends.days > 0) return "XNYS";

  const barsPerFullDay = SECONDS_PER_DAY / barSeconds;
  const isIntraday = barsPerFullDay >= 2;
  const barsPerDay = timestampsS.length / days.size;
  return isIntraday && barsPerDay > barsPerFullDay / 2 ? "24x7" : "XNYS";
}

/** Whether currencies trade on a day on which XNYS does not. */
function isCurrencyDay(day: number): boolean {
  return isXnysHoliday(day) && !/-(01-0[12]|12-2[456])$/.test(utcDate(day * SECONDS_PER_DAY));
}
