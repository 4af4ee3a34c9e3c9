import { barSecondsOf } from "./bar_seconds.ts";
import { type CalendarId, isWeekend } from "./session_calendar.ts";
import { utcDayNumber } from "./utc_day.ts";

const SECONDS_PER_DAY = 86_400;

/** Tells from the timestamps of bars which calendar they follow.
 *
 * Where the span holds weekend days, "24x7" means bars on more than half of them; a stray Saturday
 * bar of an exchange does not count. Where it holds none, "24x7" means bars over more than half of
 * the day; daily bars from a Monday to a Friday cannot be told apart and count as "XNYS". Markets
 * that open on Sunday evening (FX, 24×5) are not known yet and come out as "XNYS".
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
  let weekendDays = 0;
  let weekendDaysWithBars = 0;
  for (let day = firstDay; day <= lastDay; day++) {
    if (!isWeekend(day)) continue;
    weekendDays++;
    if (days.has(day)) weekendDaysWithBars++;
  }
  if (weekendDays > 0) return weekendDaysWithBars > weekendDays / 2 ? "24x7" : "XNYS";

  const barsPerFullDay = SECONDS_PER_DAY / barSeconds;
  const isIntraday = barsPerFullDay >= 2;
  const barsPerDay = timestampsS.length / days.size;
  return isIntraday && barsPerDay > barsPerFullDay / 2 ? "24x7" : "XNYS";
}
