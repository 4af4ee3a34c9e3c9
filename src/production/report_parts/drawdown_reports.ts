import { drawdownTable } from "../../quant/metrics/drawdown_table.ts";
import type { DrawdownReport } from "../../report/mod.ts";
import { isoDay } from "./iso_day.ts";

/** Reports list no more drawdowns than these. */
const MOST = 10;

/** The deepest drawdowns of a candidate, deepest first.
 * @param returns T simple returns
 * @param timestampsS T bars, seconds since the Unix epoch */
export function drawdownReports(
  returns: Float64Array,
  timestampsS: ArrayLike<number>,
): DrawdownReport[] {
  return drawdownTable(returns, MOST).map(
    ({ depth, startIndex, troughIndex, recoveryIndex, bars }) => ({
      depth,
      from: isoDay(timestampsS[startIndex]),
      trough: isoDay(timestampsS[troughIndex]),
      recovered: Number.isNaN(recoveryIndex) ? null : isoDay(timestampsS[recoveryIndex]),
      barsDown: troughIndex - startIndex + 1,
      bars,
    }),
  );
}
