import type { Column } from "../lakehouse/columns.ts";
import type { Lakehouse } from "../lakehouse/lakehouse.ts";
import type { TableWrite } from "../lakehouse/write_tables.ts";
import { readPanel } from "../lakehouse/prices/read_panel.ts";
import { priceTableName } from "../lakehouse/prices/symbol.ts";
import type { SymbolRecord } from "../lakehouse/prices/symbols_table.ts";
import type { TableSchema } from "../lakehouse/table_schema.ts";
import {
  CALENDAR_IDS,
  type CalendarId,
  ruleCalendar,
} from "../quant/calendars/session_calendar.ts";
import { utcDayNumber } from "../quant/calendars/utc_day.ts";
import { auditPrices } from "../quant/health/audit_prices.ts";
import type { SymbolHealth } from "../quant/health/symbol_health.ts";
import type { Panel } from "../quant/panel.ts";
import { barStart, intervalSeconds } from "./interval.ts";

const SECONDS_PER_DAY = 86_400;

/** What is looked at, and by what measure. */
export interface HealthSettings {
  readonly lake: Lakehouse;
  readonly interval: string;
  readonly lookback: number;
  /** Fewest days with a price that a symbol needs. */
  readonly minDaysFloor: number;
  readonly nowS: number;
}

/** The health of the tables of symbols as of now: a table that ends long ago is stale, whatever the others do.
 * @returns one a symbol, in their order; `MISSING` without a table */
export async function auditTables(
  records: readonly SymbolRecord[],
  { lake, interval, lookback, minDaysFloor, nowS }: HealthSettings,
): Promise<SymbolHealth[]> {
  const tables = await lake.list();
  const there = records.filter(({ symbol }) => tables.has(priceTableName(symbol, interval)));
  const panel = await readPanel(lake, there.map(({ symbol }) => symbol), {
    interval,
    lastRows: lookback,
  });
  const calendars = new Set(there.map(({ calendar }) => calendar as CalendarId));
  const widest = CALENDAR_IDS.findLast((id) => calendars.has(id)) ?? "24x7";
  const untilNow = withLastBar(panel, lastBarStart(widest, intervalSeconds(interval), nowS));
  const audited = there.length === 0 ? [] : auditPrices(untilNow, widest, { minDaysFloor });
  const bySymbol = new Map(audited.map((health) => [health.symbol, health]));
  return records.map(({ symbol }) => bySymbol.get(symbol) ?? missingHealth(symbol, interval));
}

function missingHealth(symbol: string, interval: string): SymbolHealth {
  const reasons = [`It has no table of ${interval} bars.`];
  return { symbol, status: "MISSING", reasons, quarantined: [] };
}

/** When the last bar began that is over and that a market has. */
function lastBarStart(calendar: CalendarId, intervalS: number, nowS: number): number {
  const lastS = barStart(nowS, intervalS) - intervalS;
  if (calendar === "24x7" || intervalS > SECONDS_PER_DAY) return lastS;
  let day = utcDayNumber(lastS);
  while (!ruleCalendar(calendar).isSession(day)) day--;
  return Math.min(lastS, day * SECONDS_PER_DAY);
}

/** The panel with a last row at a time, without prices, unless it goes as far already. */
function withLastBar(panel: Panel, timeS: number): Panel {
  const { timestampsS, symbols, values } = panel;
  if ((timestampsS.at(-1) ?? Infinity) >= timeS) return panel;
  const longer = new Float64Array(values.length + symbols.length).fill(NaN);
  longer.set(values);
  const times = new Float64Array(timestampsS.length + 1).fill(timeS);
  times.set(timestampsS);
  return { timestampsS: times, symbols, values: longer };
}

const HEALTH_SCHEMA: TableSchema = {
  name: "foundation_health",
  version: 1,
  columns: [
    { name: "symbol", dtype: "utf8", nullable: false, unit: "text" },
    { name: "status", dtype: "utf8", nullable: false, unit: "text" },
    { name: "reasons", dtype: "utf8", nullable: false, unit: "sentences" },
    { name: "quarantined", dtype: "i64", nullable: false, unit: "ranges of bars" },
    { name: "checked_at", dtype: "i64", nullable: false, unit: "s since 1970, UTC" },
  ],
  sortedBy: ["symbol"],
  uniqueKeys: ["symbol"],
};

/** The write that makes what an audit found the content of the table `foundation_health`. */
export function healthWrite(health: readonly SymbolHealth[], nowS: number): TableWrite {
  const sorted = [...health].sort((a, b) => a.symbol < b.symbol ? -1 : 1);
  const texts = (name: string, value: (one: SymbolHealth) => string): Column => ({
    name,
    dtype: "utf8",
    values: sorted.map(value),
  });
  return {
    name: "foundation_health",
    schema: HEALTH_SCHEMA,
    mode: "replace",
    sourceSha256: null,
    columns: [
      texts("symbol", ({ symbol }) => symbol),
      texts("status", ({ status }) => status),
      texts("reasons", ({ reasons }) => reasons.join(" ")),
      {
        name: "quarantined",
        dtype: "i64",
        values: Float64Array.from(sorted, ({ quarantined }) => quarantined.length),
      },
      { name: "checked_at", dtype: "i64", values: new Float64Array(sorted.length).fill(nowS) },
    ],
  };
}
