import { type CalendarId, ruleCalendar } from "../quant/calendars/session_calendar.ts";
import { utcDayNumber } from "../quant/calendars/utc_day.ts";
import { joinRanges, type TimeRange } from "./time_ranges.ts";

const SECONDS_PER_DAY = 86_400;
/** A wider spacing of bars within open hours is a gap. */
const GAP_BARS = 1.5;

/** The times between a symbol's first and last bar at which its calendar says that there should be bars and there are
 * none: whole sessions, and for bars of less than a day spacings over 1.5 bars within a day.
 * @param timestampsS when the bars begin, rising
 * @param intervalS up to a day; longer bars have no gaps to be repaired
 * @returns ranges from the end of the bar before to the beginning of the next one, rising */
export function findBarGaps(
  timestampsS: Float64Array,
  calendar: CalendarId,
  intervalS: number,
): TimeRange[] {
  if (intervalS > SECONDS_PER_DAY) return [];
  const sessions = ruleCalendar(calendar);
  const gaps: TimeRange[] = [];
  for (let i = 1; i < timestampsS.length; i++) {
    const fromS = timestampsS[i - 1] + intervalS, toS = timestampsS[i];
    if (toS - timestampsS[i - 1] <= GAP_BARS * intervalS) continue;
    const lastDay = utcDayNumber(timestampsS[i - 1]), nextDay = utcDayNumber(toS);
    const isWithinDay = lastDay === nextDay;
    const skipsSession = sessions.sessionsBetween(lastDay, nextDay - 1) > 0;
    if (isWithinDay || skipsSession || (calendar === "24x7" && intervalS < SECONDS_PER_DAY)) {
      gaps.push({ fromS, toS });
    }
  }
  return joinRanges(gaps);
}
