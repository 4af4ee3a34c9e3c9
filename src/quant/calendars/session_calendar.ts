import { weekdayOf } from "./civil_date.ts";
import { utcDayNumber } from "./utc_day.ts";
import { isXnysHoliday } from "./xnys_holidays.ts";

/** When a market trades: "XNYS" on sessions of the New York Stock Exchange, "24x5" around the clock
 * from Monday to Friday as currencies do, "24x7" on every day. From the fewest sessions to the most. */
export const CALENDAR_IDS = ["XNYS", "24x5", "24x7"] as const;

/** One of {@linkcode CALENDAR_IDS}. */
export type CalendarId = typeof CALENDAR_IDS[number];

/** Tells trading days from others. A day is its number from {@linkcode utcDayNumber}. */
export interface SessionCalendar {
  /** Which calendar it is. */
  readonly id: CalendarId;
  /** Whether the market trades on that day. */
  isSession(day: number): boolean;
  /** The number of sessions after `fromDay` up to and with `toDay`; 0 when `toDay <= fromDay`. */
  sessionsBetween(fromDay: number, toDay: number): number;
}

/** A calendar by its rule: every day for "24x7", Monday to Friday for "24x5", for "XNYS" Monday to
 * Friday without the exchange's holidays. Half days are sessions; the hours from Sunday evening on
 * belong to Monday's. */
export function ruleCalendar(id: CalendarId): SessionCalendar {
  return calendarOf(id, (day) => isRuleSession(id, day));
}

/** A calendar that knows sessions from data: inside the observed span a day is a session if it was
 * observed; outside of it the rule decides, see {@linkcode ruleCalendar}.
 * @param observedS timestamps of bars in this market, rising; may be empty */
export function observedCalendar(id: CalendarId, observedS: ArrayLike<number>): SessionCalendar {
  const observed = new Set<number>();
  for (let k = 0; k < observedS.length; k++) observed.add(utcDayNumber(observedS[k]));
  const first = observedS.length === 0 ? Infinity : utcDayNumber(observedS[0]);
  const last = observedS.length === 0 ? -Infinity : utcDayNumber(observedS[observedS.length - 1]);
  return calendarOf(
    id,
    (day) => day >= first && day <= last ? observed.has(day) : isRuleSession(id, day),
  );
}

/** Whether a day, by its number from {@linkcode utcDayNumber}, is a Saturday or a Sunday. */
export function isWeekend(day: number): boolean {
  return weekdayOf(day) % 6 === 0;
}

function calendarOf(id: CalendarId, isSession: (day: number) => boolean): SessionCalendar {
  const sessionsBetween = (fromDay: number, toDay: number): number => {
    let sessions = 0;
    for (let day = fromDay + 1; day <= toDay; day++) if (isSession(day)) sessions++;
    return sessions;
  };
  return { id, isSession, sessionsBetween };
}

function isRuleSession(id: CalendarId, day: number): boolean {
  if (id === "24x7") return true;
  return !isWeekend(day) && (id === "24x5" || !isXnysHoliday(day));
}
