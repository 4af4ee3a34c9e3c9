import type { ReturnSeries } from "../charts/series.ts";

/** Compounded returns of one calendar year (UTC), as fractions. */
export interface YearOfReturns {
  readonly year: number;
  /** January to December; `null` where the series has no bar. */
  readonly months: readonly (number | null)[];
  readonly total: number;
}

/** Compounds returns by calendar month and year; years ascending, only those that have a bar. */
export function monthlyReturns(series: ReturnSeries): readonly YearOfReturns[] {
  const growths = new Map<number, (number | null)[]>();
  series.timestampsS.forEach((timestampS, t) => {
    const value = series.returns[t];
    if (value === undefined || !Number.isFinite(value)) return;
    const date = new Date(timestampS * 1000);
    const months = growths.get(date.getUTCFullYear()) ?? Array<number | null>(12).fill(null);
    growths.set(date.getUTCFullYear(), months);
    months[date.getUTCMonth()] = (months[date.getUTCMonth()] ?? 1) * (1 + value);
  });
  return [...growths].sort(([a], [b]) => a - b).map(([year, months]) => ({
    year,
    months: months.map((growth) => growth === null ? null : growth - 1),
    total: months.reduce<number>((product, growth) => product * (growth ?? 1), 1) - 1,
  }));
}
