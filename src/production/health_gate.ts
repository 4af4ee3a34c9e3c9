import { UserError } from "../base/errors.ts";
import type { SymbolHealth } from "../quant/health/symbol_health.ts";

/** The symbols that a run goes on with.
 * @param isStrict whether stale or gappy data stop the run
 * @throws {UserError} when none is left, or when `isStrict` and any is stale or has gaps, with the reasons */
export function healthySymbols(health: readonly SymbolHealth[], isStrict: boolean): string[] {
  const unfit = health.filter(({ status }) => status === "DROPPED" || status === "MISSING");
  const doubtful = health.filter(({ status }) =>
    status === "STALE" || status === "DEGRADED (GAPS)"
  );
  if (isStrict && doubtful.length > 0) {
    throw new UserError(
      "prices/unhealthy",
      `Cannot go on under data.strict_health: ${describe(doubtful)}`,
      {
        hint: "Mend the prices, or set data.strict_health to false.",
      },
    );
  }
  const left = health.filter((symbol) => !unfit.includes(symbol)).map(({ symbol }) => symbol);
  if (left.length === 0) {
    throw new UserError(
      "prices/unhealthy",
      `Cannot go on: no symbol is fit for use: ${describe(unfit)}`,
      {
        hint:
          "Lower data.min_days_floor, raise data.lookback_days, or give prices with more history.",
      },
    );
  }
  return left;
}

const MAX_NAMED = 5;

function describe(symbols: readonly SymbolHealth[]): string {
  const named = symbols.slice(0, MAX_NAMED).map(({ symbol, status, reasons }) =>
    `${symbol} is ${status} (${reasons[0] ?? "no reason given"})`
  );
  const more = symbols.length - named.length;
  return [...named, ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
}
