import { utcDayNumber } from "./utc_day.ts";

/** When a market trades: "XNYS" on sessions of the New York Stock Exchange, "24x7" on every day. */
export type CalendarId = "XNYS" | "24x7";

/** Tells trading days from others. A day is its number from {@linkcode utcDayNumber}. */
export interface SessionCalendar {
  /** Which calendar it is. */
  readonly id: CalendarId;
  /** Whether the market trades on that day. */
  isSession(day: number): boolean;
  /** The number of sessions after `fromDay` up to and with `toDay`; 0 when `toDay <= fromDay`. */
  sessionsBetween(fromDay: number, toDay: number): number;
}

/** A calendar that knows sessions from data: inside the observed span a day is a session if it was
 * observed; outside of it the rule decides, which for XNYS is Monday to Friday. Exchange holidays
 * outside of the observed span therefore count as sessions.
 * @param observedS timestamps of bars in this market, rising; may be empty */
export function observedCalendar(id: CalendarId, observedS: ArrayLike<number>): SessionCalendar {
  const observed = new Set<number>();
  for (let k = 0; k < observedS.length; k++) observed.add(utcDayNumber(observedS[k]));
  const first = observedS.length === 0 ? Infinity : utcDayNumber(observedS[0]);
  const last = observedS.length === 0 ? -Infinity : utcDayNumber(observedS[observedS.length - 1]);

  const isSession = (day: number): boolean => {
    if (day >= first && day <= last) return observed.has(day);
    return id === "24x7" || !isWeekend(day);
  };
  const sessionsBetween = (fromDay: number, toDay: number): number => {
    let sessions = 0;
    for (let day = fromDay + 1; day <= toDay; day++) if (isSession(day)) sessions++;
    return sessions;
  };
  return { id, isSession, sessionsBetween };
}

/** Whether a day, by its number from {@linkcode utcDayNumber}, is a Saturday or a Sunday. */
export function isWeekend(day: number): boolean {
  // Day 0 is a Thursday; the double modulo keeps days before 1970 right.
  const weekday = ((day % 7) + 7) % 7;
  return weekday === 2 || weekday === 3;
}
