import { utcDayNumber } from "./utc_day.ts";

/** The day number of a date of the Gregorian calendar.
 * @param month 1 to 12
 * @param day 1 to 31 */
export function dayOfDate(year: number, month: number, day: number): number {
  return utcDayNumber(Date.UTC(year, month - 1, day) / 1000);
}

/** The year of a day number. */
export function yearOfDay(day: number): number {
  return new Date(day * 86_400_000).getUTCFullYear();
}

/** The weekday of a day number: 0 for Sunday to 6 for Saturday. */
export function weekdayOf(day: number): number {
  // Day 0 is a Thursday; the double modulo keeps days before 1970 right.
  return ((day + 4) % 7 + 7) % 7;
}

/** The nth weekday of a month, as the third Monday.
 * @param weekday 0 for Sunday to 6 for Saturday
 * @param nth 1 for the first; 5 may lie in the next month */
export function nthWeekday(year: number, month: number, weekday: number, nth: number): number {
  const first = dayOfDate(year, month, 1);
  return first + (weekday - weekdayOf(first) + 7) % 7 + 7 * (nth - 1);
}

/** The last day before a date that falls on a weekday, as the last Monday of May. */
export function weekdayBefore(day: number, weekday: number): number {
  return day - 1 - (weekdayOf(day - 1) - weekday + 7) % 7;
}

/** Easter Sunday of a year after 1582.
 * Source: Meeus (1991), "Astronomical Algorithms", ch. 8, after the anonymous Gregorian algorithm
 * (Nature, 20 April 1876). */
export function easterSunday(year: number): number {
  const golden = year % 19;
  const century = Math.floor(year / 100);
  const yearInCentury = year % 100;
  const correction = Math.floor((8 * century + 13) / 25);
  const epact = (19 * golden + century - Math.floor(century / 4) - correction + 15) % 30;
  const weekdays =
    (32 + 2 * (century % 4) + 2 * Math.floor(yearInCentury / 4) - epact - yearInCentury % 4) % 7;
  const late = Math.floor((golden + 11 * epact + 22 * weekdays) / 451);
  const march = epact + weekdays - 7 * late + 22;
  return dayOfDate(year, 3, 1) + march - 1;
}
