import type { CandidateReport, MetricDescriptor } from "../model/report_model.ts";

/** What stands for a number that does not exist: NaN, `null`, a metric that a candidate lacks. */
export const NO_VALUE = "–";

/** The months' short names, January first. */
export const MONTHS: readonly string[] = [
  "Jan",
  "Feb",
  "Mar",
  "Apr",
  "May",
  "Jun",
  "Jul",
  "Aug",
  "Sep",
  "Oct",
  "Nov",
  "Dec",
];

/** A candidate's metric as tables show it, with its unit: `12.34%`, `−0.52`, `1,764`, `2020-03-23`. */
export function formatMetric(
  candidate: Pick<CandidateReport, "metrics" | "timestampsS">,
  { name, unit }: Pick<MetricDescriptor, "name" | "unit">,
): string {
  const value = candidate.metrics[name];
  if (value === null || value === undefined) return NO_VALUE;
  if (typeof value === "string") return value === "" ? NO_VALUE : value;
  return unit === "date"
    ? formatDay(candidate.timestampsS[value] ?? NaN)
    : formatQuantity(value, unit);
}

/** A number as tables show it, with its unit. */
export function formatQuantity(
  value: number,
  unit: Exclude<MetricDescriptor["unit"], "date">,
): string {
  switch (unit) {
    case "percent":
      return formatPercent(value, 2);
    case "ratio":
      return formatDecimal(value, 2);
    case "count":
      return formatDecimal(value, Number.isInteger(value) ? 0 : 1);
  }
}

/** A fraction as a percentage: 0.1234 is `12.34%`. */
export function formatPercent(fraction: number, decimals: number): string {
  const text = formatDecimal(fraction * 100, decimals);
  return text === NO_VALUE ? text : `${text}%`;
}

/** A number with a fixed count of decimals, a comma between thousands and a true minus sign (U+2212).
 * @returns {@linkcode NO_VALUE} for NaN; never a minus before zero */
export function formatDecimal(value: number, decimals: number): string {
  if (Number.isNaN(value)) return NO_VALUE;
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  // Past 1e15 toFixed's digits are noise, and past 1e21 it writes an exponent by itself.
  if (Math.abs(value) >= 1e15) return value.toExponential(2).replaceAll("-", "−");
  const [whole = "0", fraction] = Math.abs(value).toFixed(decimals).split(".");
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ",");
  const digits = fraction === undefined ? grouped : `${grouped}.${fraction}`;
  return value < 0 && /[1-9]/.test(digits) ? `−${digits}` : digits;
}

/** The UTC day of a time in seconds since the epoch, as `YYYY-MM-DD`. */
export function formatDay(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? NO_VALUE : date.toISOString().slice(0, 10);
}
