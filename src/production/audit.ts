import { sha256Hex } from "../base/hash.ts";
import { encodeValue } from "../base/value_codec.ts";
import { pickPriceTables, tablesSha256 } from "../lakehouse/prices/price_tables.ts";
import type { ProductionContext } from "./context.ts";
import { healthySymbols } from "./health_gate.ts";
import { type Audit, auditCandidates, type PriceSelection } from "./tasks/audit_candidates.ts";

/** Names the prices that a run looks at. */
export function selectPrices(
  { folders, source, config }: ProductionContext,
  symbols: readonly string[],
): PriceSelection {
  const wanted = { symbols, lastRows: config.data.lookback_days };
  if (source.type === "file") {
    return { ...wanted, lakehouse: folders.lakehouse, sourceSha256: source.sha256 };
  }
  return {
    ...wanted,
    lakehouse: source.path,
    ...source.isOffline ? { isOffline: true } : {},
    interval: source.interval,
    pinned: source.pinned,
    tablesSha256: tablesSha256(pickPriceTables(source.tables, symbols)),
  };
}

/** The hash of what a selection of prices holds, as the ledger names it. */
export function hashOfPrices({ sourceSha256, tablesSha256 }: PriceSelection): string {
  return (sourceSha256 ?? tablesSha256)!;
}

/** What the audit leaves to the later stages. */
export interface AuditedCandidates extends Audit {
  /** The symbols that are fit for use. */
  readonly usable: readonly string[];
}

/** The health of every candidate, with reasons, and the calendar that they trade by.
 * @throws {UserError} when no symbol is fit for use, and under data.strict_health when any is doubtful */
export function audit(
  context: ProductionContext,
  candidates: readonly string[],
): Promise<AuditedCandidates> {
  const { stages, trail, config } = context;
  const prices = selectPrices(context, candidates);
  const { calendar, min_days_floor: minDaysFloor, strict_health: isStrict } = config.data;
  return stages.run("audit", undefined, () =>
    trail.record({
      step: "audit",
      context: { calendar, min_days_floor: minDaysFloor, strict_health: isStrict },
      inputs: { prices: hashOfPrices(prices) },
      run: async () => {
        const found = await auditCandidates(prices, calendar, minDaysFloor);
        return { ...found, usable: healthySymbols(found.health, isStrict) };
      },
      outputs: (found) => ({
        calendar: found.calendar,
        health: sha256Hex(encodeValue(found.health)),
        usable: found.usable,
      }),
    }), describe);
}

function describe({ calendar, health }: Audit): string {
  const counts = new Map<string, number>();
  for (const { status } of health) counts.set(status, (counts.get(status) ?? 0) + 1);
  return `${
    [...counts].map(([status, count]) => `${count} ${status}`).join(", ")
  }; calendar ${calendar}`;
}
