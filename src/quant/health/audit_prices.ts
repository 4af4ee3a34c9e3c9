import { findSeriesGaps } from "../calendars/gaps.ts";
import type { CalendarId } from "../calendars/session_calendar.ts";
import { utcDate, utcDayNumber } from "../calendars/utc_day.ts";
import type { Panel } from "../panel.ts";
import { findLag, type Lag } from "./lag.ts";
import { type Market, marketsOf } from "./markets.ts";
import { skippedSessions } from "./skipped_sessions.ts";
import {
  type AuditLimits,
  type AuditSettings,
  DEFAULT_AUDIT_LIMITS,
  type HealthStatus,
  type QuarantinedRows,
  type SymbolHealth,
} from "./symbol_health.ts";
import {
  findExtremeReturns,
  findFlatRuns,
  findInvalidPrices,
  type FlatRun,
  isPrice,
} from "./toxic_rows.ts";

/** Returns this close to each other are one: what rounding leaves of a constant return. */
const ZERO_RETURN_RANGE = 1e-12;

/** Audits the prices of every symbol; deletes and changes nothing.
 *
 * MISSING: no price at all. DROPPED: fewer than `minDaysFloor` days, no variance, or more than
 * `maxGapShare` of the sessions between first and last price without one. STALE: the last price is
 * more than `staleAfterSessions` sessions (XNYS) or `staleAfterS` seconds (24x7) before the panel's
 * last row. DEGRADED (GAPS): any gap, quarantined row, or lag behind the panel short of stale. OK
 * (MARKET CLOSED): behind the panel's last row, but without a session since.
 * Runs of equal closes are remarked or quarantined, see {@linkcode DEFAULT_AUDIT_LIMITS}.
 *
 * In a "24x7" panel a symbol without weekend prices is taken to be on an exchange, and its missing
 * weekends are none. Sessions are the rows on which any symbol of the same market has a price, and
 * those that the market's rule knows but no row shows.
 * @param prices T × N prices, NaN where there is none; prices that are not finite and > 0 are
 * quarantined and count as missing
 * @returns one a symbol, in the order of the panel
 * @throws {RangeError} if `values` is not T × N, or `minDaysFloor` is not a number >= 0 */
export function auditPrices(
  prices: Panel,
  calendar: CalendarId,
  settings: AuditSettings,
): SymbolHealth[] {
  const cells = prices.timestampsS.length * prices.symbols.length;
  if (prices.values.length !== cells) {
    throw new RangeError(
      `Cannot audit prices: ${prices.timestampsS.length} timestamps and ${prices.symbols.length} ` +
        `symbols need ${cells} prices, got ${prices.values.length}`,
    );
  }
  if (!(settings.minDaysFloor >= 0)) {
    throw new RangeError(
      `Cannot audit prices: minDaysFloor must be >= 0: current value is ${settings.minDaysFloor}`,
    );
  }
  const limits = { ...DEFAULT_AUDIT_LIMITS, ...settings };
  const markets = marketsOf(prices, calendar);
  return prices.symbols.map((_, col) => auditSymbol(prices, col, markets[col], limits));
}

function auditSymbol(
  prices: Panel,
  col: number,
  market: Market,
  limits: AuditLimits & AuditSettings,
): SymbolHealth {
  const symbol = prices.symbols[col];
  const { priceRows } = market;
  const invalid = findInvalidPrices(prices, col);
  if (priceRows.length === 0) {
    const reasons = [
      `There is no price on any of ${prices.timestampsS.length} rows.`,
      ...invalid.map(({ reason }) => reason),
    ];
    return { symbol, status: "MISSING", reasons, quarantined: invalid };
  }

  const flatRuns = findFlatRuns(prices, col, priceRows, limits.flatClosesReported);
  const deadFrom = limits.flatClosesQuarantined[market.calendar];
  const quarantined = [
    ...invalid,
    ...findExtremeReturns(prices, col, priceRows, limits.maxAbsReturn),
    ...flatRuns.filter(({ closes }) => closes >= deadFrom).map((run) => deadFeed(prices, run)),
  ].sort((a, b) => a.fromRow - b.fromRow);

  const gaps = gapFinding(prices, col, market);
  const lag = findLag(prices, market, limits);
  const unfit = [
    ...tooShort(prices, priceRows, limits.minDaysFloor),
    ...withoutVariance(prices, col, priceRows),
    ...(gaps.share > limits.maxGapShare ? gaps.reasons : []),
  ];
  return {
    symbol,
    status: worstStatus(unfit, lag, gaps.reasons.length > 0 || quarantined.length > 0),
    reasons: [
      ...unfit,
      ...lag.reasons,
      ...(gaps.share > limits.maxGapShare ? [] : gaps.reasons),
      ...quarantined.map(({ reason }) => reason),
      ...flatRemark(prices, flatRuns.filter(({ closes }) => closes < deadFrom), limits),
    ],
    quarantined,
  };
}

function worstStatus(
  unfit: readonly string[],
  lag: Lag,
  hasDefects: boolean,
): HealthStatus {
  if (unfit.length > 0) return "DROPPED";
  if (lag.state === "stale") return "STALE";
  if (hasDefects || lag.state === "behind") return "DEGRADED (GAPS)";
  return lag.state === "closed" ? "OK (MARKET CLOSED)" : "OK";
}

interface GapFinding {
  /** Missing share of the sessions between the first and the last price. */
  readonly share: number;
  readonly reasons: readonly string[];
}

function gapFinding(prices: Panel, col: number, market: Market): GapFinding {
  const { priceRows, sessionRows } = market;
  const first = priceRows[0];
  const last = priceRows[priceRows.length - 1];
  const shown = sessionRows.filter((row) => row >= first && row <= last).length;
  const skipped = skippedSessions(prices.timestampsS, market, first, last);
  const missing = shown - priceRows.length;
  if (missing + skipped.length === 0) return { share: 0, reasons: [] };
  const sessions = shown + skipped.length;
  const reasons: string[] = [];
  if (missing > 0) {
    const cols = prices.symbols.length;
    const gaps = findSeriesGaps((row) => isPrice(prices.values[row * cols + col]), sessionRows);
    reasons.push(
      `${missing} of ${sessions} sessions (${
        percent(missing / sessions)
      }) between first and last ` +
        `price have none, in ${gaps.length} gaps, the first on ` +
        `${utcDate(prices.timestampsS[gaps[0].fromRow])}.`,
    );
  }
  if (skipped.length > 0) {
    reasons.push(
      `${skipped.length} of ${sessions} sessions (${
        percent(skipped.length / sessions)
      }) are on no ` +
        `row of a symbol on ${market.calendar}, the first ${utcDate(skipped[0] * 86_400)}.`,
    );
  }
  return { share: (missing + skipped.length) / sessions, reasons };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function tooShort(prices: Panel, priceRows: readonly number[], minDaysFloor: number): string[] {
  const days = new Set(priceRows.map((row) => utcDayNumber(prices.timestampsS[row]))).size;
  return days < minDaysFloor
    ? [`Prices on ${days} days are fewer than the floor of ${minDaysFloor}.`]
    : [];
}

function withoutVariance(prices: Panel, col: number, priceRows: readonly number[]): string[] {
  const cols = prices.symbols.length;
  let lowest = Infinity;
  let highest = -Infinity;
  for (let k = 1; k < priceRows.length; k++) {
    const simpleReturn = prices.values[priceRows[k] * cols + col] /
        prices.values[priceRows[k - 1] * cols + col] - 1;
    lowest = Math.min(lowest, simpleReturn);
    highest = Math.max(highest, simpleReturn);
  }
  if (highest - lowest > ZERO_RETURN_RANGE) return [];
  return [`The returns of ${priceRows.length} prices have no variance.`];
}

function deadFeed(prices: Panel, run: FlatRun): QuarantinedRows {
  // The first close of the run is a trade like any other.
  return {
    fromRow: run.fromRow + 1,
    toRow: run.toRow,
    reason: `${run.closes} equal closes in a row from ` +
      `${utcDate(prices.timestampsS[run.fromRow])} to ` +
      `${utcDate(prices.timestampsS[run.toRow - 1])}.`,
  };
}

function flatRemark(prices: Panel, runs: readonly FlatRun[], limits: AuditLimits): string[] {
  if (runs.length === 0) return [];
  const longest = runs.reduce((a, b) => b.closes > a.closes ? b : a);
  return [
    `Remark: ${runs.length} runs of ${limits.flatClosesReported} or more equal closes, the longest ` +
    `of ${longest.closes} from ${utcDate(prices.timestampsS[longest.fromRow])}.`,
  ];
}
