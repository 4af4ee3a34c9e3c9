/** A calendar year of returns. */
export interface YearOfReturns {
  readonly year: number;
  /** 12 compounded returns, January first; NaN for a month without a bar. */
  readonly months: Float64Array;
  /** Compounded over the bars of the year. */
  readonly total: number;
}

/** The table of months: returns compounded by calendar month and year of their UTC date.
 * @param returns T simple returns as fractions
 * @param timestampsS T timestamps, seconds since the Unix epoch, rising
 * @returns one entry a year that has bars, in order
 * @throws {RangeError} if the lengths differ */
export function monthlyReturns(
  returns: Float64Array,
  timestampsS: ArrayLike<number>,
): YearOfReturns[] {
  if (returns.length !== timestampsS.length) {
    throw new RangeError(
      `Cannot tabulate returns: ${returns.length} returns, ${timestampsS.length} timestamps`,
    );
  }
  const years: { year: number; months: Float64Array; growth: number }[] = [];
  for (let t = 0; t < returns.length; t++) {
    const date = new Date(timestampsS[t] * 1000);
    const year = date.getUTCFullYear();
    if (years.at(-1)?.year !== year) {
      years.push({ year, months: new Float64Array(12).fill(NaN), growth: 1 });
    }
    const current = years[years.length - 1];
    const month = date.getUTCMonth();
    const before = Number.isNaN(current.months[month]) ? 1 : 1 + current.months[month];
    current.months[month] = before * (1 + returns[t]) - 1;
    current.growth *= 1 + returns[t];
  }
  return years.map(({ year, months, growth }) => ({ year, months, total: growth - 1 }));
}
