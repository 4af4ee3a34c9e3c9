const ISO_TIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s?(Z|z|UTC|[+-]\d{2}(?::?\d{2})?)?)?$/;
const COMPACT_DATE = /^(\d{4})(\d{2})(\d{2})$/;
const EPOCH = /^-?\d{9,19}(?:\.\d+)?$/;
/** The last second that a Date can name (ECMA-262, 21.4.1.1). */
export const MAX_DATE_S = 8.64e12;

/** Larger counts since 1970 are of a smaller unit than the one at hand: as seconds this would be the year 5138. */
const MAX_EPOCH_SECONDS = 1e11;
const SECONDS_PER_DAY = 86_400;

/** Seconds since the Unix epoch in UTC for the text of a date or a time, whole seconds (a fraction is cut off).
 *
 * Read are ISO 8601 dates (`2020-01-31`, `20200131`) as midnight UTC; ISO date-times with `T` or a space, whose
 * offset (`Z`, `UTC`, `+02:00`) is honoured and taken as UTC when absent; and counts of 9 to 19 digits since 1970 in
 * seconds, milliseconds, micro- or nanoseconds, told apart by their size (times before March 1973 only in seconds).
 * @returns NaN for anything else, and for days that no month has */
export function parseTimestampS(text: string): number {
  const iso = ISO_TIME.exec(text) ?? COMPACT_DATE.exec(text);
  if (iso !== null) return isoSeconds(iso);
  return EPOCH.test(text) ? epochToSeconds(Number(text)) : NaN;
}

/** Seconds of a count since 1970 whose unit (s, ms, µs or ns) is told by its size; whole seconds, rounded down. */
export function epochToSeconds(count: number): number {
  let seconds = count;
  while (Math.abs(seconds) >= MAX_EPOCH_SECONDS) seconds /= 1000;
  return Math.floor(seconds);
}

/** A time for messages: the date alone at midnight UTC, else with the time of day. */
export function formatTimestampS(timestampS: number): string {
  if (!(Math.abs(timestampS) <= MAX_DATE_S)) return String(timestampS);
  const iso = new Date(timestampS * 1000).toISOString();
  return timestampS % SECONDS_PER_DAY === 0 ? iso.slice(0, 10) : `${iso.slice(0, 19)}Z`;
}

function isoSeconds(match: RegExpExecArray): number {
  const part = (index: number) => Number(match[index] ?? 0);
  const [year, month, day] = [part(1), part(2), part(3)];
  const [hour, minute, second] = [part(4), part(5), part(6)];
  const midnight = new Date(Date.UTC(year, month - 1, day));
  const exists = midnight.getUTCMonth() === month - 1 && midnight.getUTCDate() === day &&
    hour < 24 && minute < 60 && second < 61;
  if (!exists) return NaN;
  return midnight.getTime() / 1000 + hour * 3600 + minute * 60 + second - offsetSeconds(match[7]);
}

function offsetSeconds(zone: string | undefined): number {
  if (zone === undefined || !/^[+-]/.test(zone)) return 0;
  const hours = Number(zone.slice(1, 3)), minutes = Number(zone.slice(3).replace(":", ""));
  return (zone.startsWith("-") ? -1 : 1) * (hours * 3600 + minutes * 60);
}
