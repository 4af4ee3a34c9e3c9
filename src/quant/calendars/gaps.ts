import { barSecondsOf } from "./bar_seconds.ts";
import { weekdayOf } from "./civil_date.ts";
import { type CalendarId, ruleCalendar } from "./session_calendar.ts";
import { utcDayNumber } from "./utc_day.ts";

/** A half-open range of rows. */
export interface RowRange {
  /** The first row. */
  readonly fromRow: number;
  /** The row after the last one. */
  readonly toRow: number;
}

/** A wider spacing than 1.5 bars is a gap. */
const GAP_BARS = 1.5;
const SECONDS_PER_DAY = 86_400;
const SECONDS_PER_HOUR = 3600;
const FRIDAY = 5;

/** Finds where a whole panel skips time: both neighbours of each hole, as a range of two rows.
 *
 * A gap is a spacing of more than 1.5 bars in which the market was open. "24x7": any. "24x5": what
 * remains of the spacing without the weekend, from Friday 21:00 to Sunday 22:00 UTC, when New York
 * closes and opens at the latest. "XNYS": within a day any, between days when a session lies between
 * that has no bar. Bars longer than a day have gaps by spacing alone.
 * @param timestampsS seconds since the Unix epoch, strictly rising
 * @returns `{fromRow, toRow}` with `toRow = fromRow + 2`, in order; none for fewer than 2 rows
 * @throws {RangeError} if the timestamps do not rise strictly */
export function findPanelGaps(
  timestampsS: ArrayLike<number>,
  calendar: CalendarId,
): RowRange[] {
  if (timestampsS.length < 2) return [];
  const barSeconds = barSecondsOf(timestampsS);
  const gaps: RowRange[] = [];
  for (let row = 1; row < timestampsS.length; row++) {
    const from = timestampsS[row - 1];
    const to = timestampsS[row];
    if (to - from <= GAP_BARS * barSeconds) continue;
    if (openSeconds(calendar, from, to, barSeconds) <= GAP_BARS * barSeconds) continue;
    gaps.push({ fromRow: row - 1, toRow: row + 1 });
  }
  return gaps;
}

/** The part of a spacing in which the market was open; on XNYS between days, in whole sessions. */
function openSeconds(
  calendar: CalendarId,
  fromS: number,
  toS: number,
  barSeconds: number,
): number {
  if (calendar === "24x7" || barSeconds > SECONDS_PER_DAY) return toS - fromS;
  if (calendar === "24x5") return toS - fromS - weekendSeconds(fromS, toS);
  const fromDay = utcDayNumber(fromS);
  const toDay = utcDayNumber(toS);
  if (fromDay === toDay) return toS - fromS;
  const sessionsSkipped = ruleCalendar("XNYS").sessionsBetween(fromDay, toDay - 1);
  return sessionsSkipped === 0 ? barSeconds : (1 + sessionsSkipped) * SECONDS_PER_DAY;
}

/** How much of a spacing lies in weekends of the currency market. */
function weekendSeconds(fromS: number, toS: number): number {
  let seconds = 0;
  const firstDay = utcDayNumber(fromS) - 2;
  for (let day = firstDay; day <= utcDayNumber(toS); day++) {
    if (weekdayOf(day) !== FRIDAY) continue;
    const closes = day * SECONDS_PER_DAY + 21 * SECONDS_PER_HOUR;
    const opens = closes + 49 * SECONDS_PER_HOUR;
    seconds += Math.max(0, Math.min(toS, opens) - Math.max(fromS, closes));
  }
  return seconds;
}

/** Finds the holes of one series: runs of expected rows without a value between its first and its
 * last value. Rows that its market does not trade on are no gap.
 * @param hasValue whether the series has a value in a row
 * @param sessionRows the rows that its market trades on, rising; a missing one is at least two bars
 * from value to value, so more than 1.5
 * @returns ranges from the first to after the last missing row of each run, in order */
export function findSeriesGaps(
  hasValue: (row: number) => boolean,
  sessionRows: ArrayLike<number>,
): RowRange[] {
  const gaps: RowRange[] = [];
  let lastWithValue = -1;
  for (let k = 0; k < sessionRows.length; k++) {
    if (!hasValue(sessionRows[k])) continue;
    if (lastWithValue >= 0 && k - lastWithValue > 1) {
      gaps.push({ fromRow: sessionRows[lastWithValue + 1], toRow: sessionRows[k - 1] + 1 });
    }
    lastWithValue = k;
  }
  return gaps;
}
