const SECONDS_PER_DAY = 86_400;

/** The whole days from 1970-01-01 to a timestamp's UTC date: the number by which calendars name a day.
 * @param timestampS seconds since the Unix epoch, UTC */
export function utcDayNumber(timestampS: number): number {
  return Math.floor(timestampS / SECONDS_PER_DAY);
}

/** The UTC date of a timestamp, for instance "2020-02-28".
 * @param timestampS seconds since the Unix epoch, UTC
 * @throws {RangeError} if `timestampS` is outside of what Date can hold */
export function utcDate(timestampS: number): string {
  return new Date(timestampS * 1000).toISOString().slice(0, 10);
}
