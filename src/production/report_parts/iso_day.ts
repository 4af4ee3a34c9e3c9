/** The UTC day of a time in seconds since the Unix epoch, as `YYYY-MM-DD`. */
export function isoDay(timestampS: number): string {
  return new Date(timestampS * 1000).toISOString().slice(0, 10);
}
