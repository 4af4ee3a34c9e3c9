import type { CalendarId } from "../quant/calendars/session_calendar.ts";
import { ruleCalendar } from "../quant/calendars/session_calendar.ts";
import { utcDayNumber } from "../quant/calendars/utc_day.ts";
import { barStart } from "./interval.ts";
import { subtractRanges, type TimeRange } from "./time_ranges.ts";

const SECONDS_PER_DAY = 86_400;
/** A session of an exchange, 9:30 to 16:00 in New York. */
const SESSION_SECONDS = 23_400;
/** Bars beyond the lookback: what returns, features and filters need before the first row that counts. */
const MARGIN_BARS = 100;

/** What a symbol's bars should be. */
export interface WantedBars {
  readonly calendar: CalendarId;
  readonly intervalS: number;
  /** Rows that a run looks back over. */
  readonly lookback: number;
  /** Seconds since the Unix epoch. */
  readonly nowS: number;
}

/** The time whose bars a run needs: from lookback + 100 bars ago, by the sessions of the calendar, to the end of the last
 * bar that is over: one that is still going on is not final, so it is not stored. */
export function wantedRange({ calendar, intervalS, lookback, nowS }: WantedBars): TimeRange {
  const toS = barStart(nowS, intervalS);
  const bars = lookback + MARGIN_BARS;
  if (calendar === "24x7" || intervalS > SECONDS_PER_DAY) {
    return { fromS: toS - bars * intervalS, toS };
  }
  const openSeconds = calendar === "XNYS" ? SESSION_SECONDS : SECONDS_PER_DAY;
  const sessions = Math.ceil(bars / Math.max(1, Math.ceil(openSeconds / intervalS)));
  const { isSession } = ruleCalendar(calendar);
  let day = utcDayNumber(toS);
  for (let left = sessions; left > 0;) {
    day--;
    if (isSession(day)) left--;
  }
  return { fromS: day * SECONDS_PER_DAY, toS };
}

/** What still has to be asked for: the parts of the wanted time that no answer has covered, but for those in which the
 * market was closed, which hold no bar. Empty when the table is fresh.
 * @param answered times that the source has answered for, with bars or without */
export function missingRanges(
  wanted: TimeRange,
  answered: readonly TimeRange[],
  { calendar, intervalS }: Pick<WantedBars, "calendar" | "intervalS">,
): TimeRange[] {
  return subtractRanges(wanted, answered).filter((range) => hasSession(range, calendar, intervalS));
}

function hasSession({ fromS, toS }: TimeRange, calendar: CalendarId, intervalS: number): boolean {
  if (calendar === "24x7" || intervalS > SECONDS_PER_DAY) return true;
  const firstDay = utcDayNumber(fromS), lastDay = utcDayNumber(toS - 1);
  return ruleCalendar(calendar).sessionsBetween(firstDay - 1, lastDay) > 0;
}

/** Relative difference of a close, beyond which it is another price: adjusted closes are told to a few digits. */
const REBASE_TOLERANCE = 1e-5;

/** Whether a source has changed the past: the same bars have other closes. After a split or a dividend a source of
 * adjusted prices multiplies all earlier ones, and new bars must not be joined to those stored before.
 * @param stored closes by time
 * @param fetched bars as the source tells them now; those of other times do not count */
export function isRebased(
  stored: ReadonlyMap<number, number>,
  fetched: { readonly timestampsS: Float64Array; readonly close: Float64Array },
): boolean {
  return fetched.timestampsS.some((timestampS, i) => {
    const before = stored.get(timestampS);
    return before !== undefined &&
      Math.abs(fetched.close[i] - before) > REBASE_TOLERANCE * Math.abs(before);
  });
}
