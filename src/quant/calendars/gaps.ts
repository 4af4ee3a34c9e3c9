import { barSecondsOf } from "./bar_seconds.ts";
import type { CalendarId } from "./session_calendar.ts";
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
/** A weekend with a holiday on one side is 4 calendar days from close to close. */
const LONGEST_XNYS_CLOSURE_DAYS = 4;

/** Finds where a whole panel skips time: both neighbours of each hole, as a range of two rows.
 *
 * On "24x7", and within a day on "XNYS", a gap is a spacing of more than 1.5 bars. Between days on
 * "XNYS" it is a spacing of more than 4 calendar days: shorter ones may be holidays, which are not
 * known without the exchange's list.
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
    const days = utcDayNumber(timestampsS[row]) - utcDayNumber(timestampsS[row - 1]);
    const spacing = timestampsS[row] - timestampsS[row - 1];
    const isGap = calendar === "XNYS" && days > 0
      ? days > LONGEST_XNYS_CLOSURE_DAYS && spacing > GAP_BARS * barSeconds
      : spacing > GAP_BARS * barSeconds;
    if (isGap) gaps.push({ fromRow: row - 1, toRow: row + 1 });
  }
  return gaps;
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
