import {
  dayOfDate,
  easterSunday,
  nthWeekday,
  weekdayBefore,
  weekdayOf,
  yearOfDay,
} from "./civil_date.ts";

const SUNDAY = 0;
const MONDAY = 1;
const THURSDAY = 4;
const SATURDAY = 6;

/** Closings that no rule foresees: of the exchange's own list of special closings. */
const SPECIAL_CLOSINGS: ReadonlySet<number> = new Set([
  dayOfDate(1972, 12, 28), // mourning for President Truman
  dayOfDate(1973, 1, 25), // President Johnson
  dayOfDate(1977, 7, 14), // blackout of New York
  dayOfDate(1985, 9, 27), // hurricane Gloria
  dayOfDate(1994, 4, 27), // President Nixon
  dayOfDate(2001, 9, 11), // attack on the World Trade Center, to the 14th
  dayOfDate(2001, 9, 12),
  dayOfDate(2001, 9, 13),
  dayOfDate(2001, 9, 14),
  dayOfDate(2004, 6, 11), // President Reagan
  dayOfDate(2007, 1, 2), // President Ford
  dayOfDate(2012, 10, 29), // hurricane Sandy, to the 30th
  dayOfDate(2012, 10, 30),
  dayOfDate(2018, 12, 5), // President Bush
  dayOfDate(2025, 1, 9), // President Carter
]);

const holidaysByYear = new Map<number, ReadonlySet<number>>();

/** Whether the New York Stock Exchange is closed on a day for a holiday or a special closing. Holds from
 * 1972 on, and for years to come as far as rules tell. Half days are trading days.
 * @param day its number, from `utcDayNumber`; weekends are no holidays
 * Sources: NYSE Rule 7.2 (holidays); the exchange's published list of holidays and special closings.
 * Compared day by day, 1972 to 2029, with exchange_calendars (tests/reference/calendars). */
export function isXnysHoliday(day: number): boolean {
  const year = yearOfDay(day);
  let holidays = holidaysByYear.get(year);
  if (holidays === undefined) {
    holidays = new Set(xnysHolidays(year));
    holidaysByYear.set(year, holidays);
  }
  return holidays.has(day) || SPECIAL_CLOSINGS.has(day);
}

function xnysHolidays(year: number): number[] {
  const days = [
    nthWeekday(year, 2, MONDAY, 3), // Washington's birthday
    easterSunday(year) - 2, // Good Friday
    weekdayBefore(dayOfDate(year, 6, 1), MONDAY), // Memorial Day
    observed(dayOfDate(year, 7, 4)), // Independence Day
    nthWeekday(year, 9, MONDAY, 1), // Labor Day
    nthWeekday(year, 11, THURSDAY, 4), // Thanksgiving
    observed(dayOfDate(year, 12, 25)), // Christmas
  ];
  // A Saturday's New Year is not moved to Friday, which closes the books of the year.
  const newYear = dayOfDate(year, 1, 1);
  if (weekdayOf(newYear) !== SATURDAY) days.push(observed(newYear));
  if (year >= 1998) days.push(nthWeekday(year, 1, MONDAY, 3)); // Martin Luther King
  if (year >= 2022) days.push(observed(dayOfDate(year, 6, 19))); // Juneteenth
  // The day of the presidential election, until 1980.
  if (year <= 1980 && year % 4 === 0) days.push(nthWeekday(year, 11, MONDAY, 1) + 1);
  return days;
}

/** Rule 7.2: a holiday on a Saturday closes the Friday before, one on a Sunday the Monday after. */
function observed(day: number): number {
  const weekday = weekdayOf(day);
  if (weekday === SATURDAY) return day - 1;
  return weekday === SUNDAY ? day + 1 : day;
}
