import type { CalendarId } from "./session_calendar.ts";

const SECONDS_PER_DAY = 86_400;
const SECONDS_PER_WEEK = 7 * SECONDS_PER_DAY;
const XNYS_SESSIONS_PER_YEAR = 252;
const WEEKDAYS_PER_YEAR = 5 * 52;
/** 9:30 to 16:00 in New York. */
const XNYS_SECONDS_PER_SESSION = 6.5 * 3600;

/** The number of bars in a year, by which means and variances are annualised.
 *
 * "24x7": 365 days of 86,400 s over the bar; "24x5": 260 such days. "XNYS": 252 sessions of ⌈6.5 h / bar⌉ bars each, the
 * short last bar of a session counted, so hourly bars give 1,764; for bars of a week or longer, the
 * calendar year over the bar.
 * @param barSeconds the spacing of bars, see {@linkcode barSecondsOf}
 * @throws {RangeError} if `barSeconds` is not finite and > 0, or is between a day and a week on
 * XNYS or 24x5, where the number of sessions in a bar is not known */
export function periodsPerYear(calendar: CalendarId, barSeconds: number): number {
  if (!(barSeconds > 0 && barSeconds < Infinity)) {
    throw new RangeError(
      `Cannot annualise: barSeconds must be finite and > 0: current value is ${barSeconds}`,
    );
  }
  if (calendar === "24x7" || barSeconds >= SECONDS_PER_WEEK) {
    return 365 * SECONDS_PER_DAY / barSeconds;
  }
  if (barSeconds > SECONDS_PER_DAY) {
    throw new RangeError(
      `Cannot annualise on ${calendar}: barSeconds must be at most a day or at least a week: ` +
        `current value is ${barSeconds}`,
    );
  }
  if (calendar === "24x5") return WEEKDAYS_PER_YEAR * SECONDS_PER_DAY / barSeconds;
  return XNYS_SESSIONS_PER_YEAR * Math.ceil(XNYS_SECONDS_PER_SESSION / barSeconds);
}
