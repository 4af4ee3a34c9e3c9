import { OHLCV_FIELDS } from "../quant/ohlcv.ts";
import type { Bars } from "./sources/bar_source.ts";

/** Bars of successive ranges as one series. */
export function joinBars(parts: readonly Bars[]): Bars {
  const join = (field: keyof Bars) => {
    const joined = new Float64Array(parts.reduce((sum, part) => sum + part[field].length, 0));
    let at = 0;
    for (const part of parts) {
      joined.set(part[field], at);
      at += part[field].length;
    }
    return joined;
  };
  const fields = OHLCV_FIELDS.map((field) => [field, join(field)] as const);
  return { timestampsS: join("timestampsS"), ...Object.fromEntries(fields) } as unknown as Bars;
}
