import type { RowRange } from "../calendars/gaps.ts";
import { utcDate } from "../calendars/utc_day.ts";
import type { Panel } from "../panel.ts";
import type { QuarantinedRows } from "./symbol_health.ts";

/** A run of equal closes. */
export interface FlatRun extends RowRange {
  /** How many closes; fewer than rows when there are holes between them. */
  readonly closes: number;
}

/** Whether a value is usable as a price: finite and > 0. */
export function isPrice(value: number): boolean {
  return value > 0 && value < Infinity;
}

/** Finds values that are there but are no prices: zero, negative or infinite. */
export function findInvalidPrices(prices: Panel, col: number): QuarantinedRows[] {
  const found: QuarantinedRows[] = [];
  prices.timestampsS.forEach((timestampS, row) => {
    const value = prices.values[row * prices.symbols.length + col];
    if (Number.isNaN(value) || isPrice(value)) return;
    found.push({
      fromRow: row,
      toRow: row + 1,
      reason: `The price on ${utcDate(timestampS)} is ${value}; it must be finite and > 0.`,
    });
  });
  return found;
}

/** Finds moves from one price to the next that are not credible.
 * @param priceRows rows with a price, rising
 * @param maxAbsReturn as a fraction: 5 is 500 % */
export function findExtremeReturns(
  prices: Panel,
  col: number,
  priceRows: readonly number[],
  maxAbsReturn: number,
): QuarantinedRows[] {
  const cols = prices.symbols.length;
  const found: QuarantinedRows[] = [];
  for (let k = 1; k < priceRows.length; k++) {
    const before = prices.values[priceRows[k - 1] * cols + col];
    const after = prices.values[priceRows[k] * cols + col];
    const simpleReturn = after / before - 1;
    if (Math.abs(simpleReturn) <= maxAbsReturn) continue;
    found.push({
      fromRow: priceRows[k],
      toRow: priceRows[k] + 1,
      reason: `The return on ${utcDate(prices.timestampsS[priceRows[k]])} is ` +
        `${(simpleReturn * 100).toFixed(0)} % (from ${before} to ${after}), beyond ` +
        `${maxAbsReturn * 100} %.`,
    });
  }
  return found;
}

/** Finds runs of equal closes; holes between them do not end a run.
 * @param priceRows rows with a price, rising
 * @param minCloses the shortest run that counts, >= 2 */
export function findFlatRuns(
  prices: Panel,
  col: number,
  priceRows: readonly number[],
  minCloses: number,
): FlatRun[] {
  const priceAt = (k: number) => prices.values[priceRows[k] * prices.symbols.length + col];
  const runs: FlatRun[] = [];
  let start = 0;
  for (let k = 1; k <= priceRows.length; k++) {
    if (k < priceRows.length && priceAt(k) === priceAt(start)) continue;
    if (k - start >= minCloses) {
      runs.push({ fromRow: priceRows[start], toRow: priceRows[k - 1] + 1, closes: k - start });
    }
    start = k;
  }
  return runs;
}
