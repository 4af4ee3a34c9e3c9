import type { Column } from "../lakehouse/columns.ts";
import type { Lakehouse } from "../lakehouse/lakehouse.ts";
import type { TableWrite } from "../lakehouse/write_tables.ts";
import { readOhlcv } from "../lakehouse/prices/read_panel.ts";
import { priceTableName } from "../lakehouse/prices/symbol.ts";
import type { SymbolRecord } from "../lakehouse/prices/symbols_table.ts";
import type { TableSchema } from "../lakehouse/table_schema.ts";
import { periodsPerYear } from "../quant/calendars/periods_per_year.ts";
import type { CalendarId } from "../quant/calendars/session_calendar.ts";
import type { Ohlcv } from "../quant/ohlcv.ts";
import { simpleReturns } from "../quant/returns/simple_returns.ts";
import { type AssetFeatures, assetFeatures } from "../quant/selection/asset_features.ts";
import { intervalSeconds } from "./interval.ts";

/** A day's trading at which an asset counts as fully liquid, in the quote currency. */
const LIQUID_VALUE = { crypto: 1e7, other: 5e8 };
const SECONDS_PER_DAY = 86_400;

const FEATURES = [
  "momentum",
  "stability",
  "entropy",
  "efficiency",
  "hurst",
  "skew",
  "kurtosis",
  "cvar",
  "liquidity",
  "volatility",
] as const;

const FEATURES_SCHEMA: TableSchema = {
  name: "features",
  version: 1,
  columns: [
    { name: "symbol", dtype: "utf8", nullable: false, unit: "text" },
    { name: "as_of", dtype: "i64", nullable: false, unit: "s since 1970, UTC" },
    ...FEATURES.map((name) => ({ name, dtype: "f64", nullable: true, unit: "a number" } as const)),
  ],
  sortedBy: ["symbol"],
  uniqueKeys: ["symbol"],
};

/** Measures the last bars of every symbol that has a table: the write of the table `features`. A symbol with fewer than
 * three bars has none.
 * @param lookback bars that are measured */
export async function featuresWrite(
  lake: Lakehouse,
  records: readonly SymbolRecord[],
  interval: string,
  lookback: number,
): Promise<TableWrite> {
  const tables = await lake.list();
  const rows: { symbol: string; asOfS: number; features: AssetFeatures }[] = [];
  for (const record of records) {
    if (!tables.has(priceTableName(record.symbol, interval))) continue;
    const bars = await readOhlcv(lake, [record.symbol], { interval, lastRows: lookback + 1 });
    if (bars.close.length < 3) continue;
    const asOfS = bars.timestampsS[bars.timestampsS.length - 1];
    rows.push({ symbol: record.symbol, asOfS, features: measure(record, bars, interval) });
  }
  rows.sort((a, b) => a.symbol < b.symbol ? -1 : 1);
  const columns: Column[] = [
    { name: "symbol", dtype: "utf8", values: rows.map(({ symbol }) => symbol) },
    { name: "as_of", dtype: "i64", values: Float64Array.from(rows, ({ asOfS }) => asOfS) },
    ...FEATURES.map((name): Column => ({
      name,
      dtype: "f64",
      values: Float64Array.from(rows, ({ features }) => features[name]),
    })),
  ];
  return {
    name: "features",
    schema: FEATURES_SCHEMA,
    columns,
    mode: "replace",
    sourceSha256: null,
  };
}

function measure(record: SymbolRecord, bars: Ohlcv, interval: string): AssetFeatures {
  const { timestampsS, symbols, close } = bars;
  const { values } = simpleReturns({ timestampsS, symbols, values: close });
  const intervalS = intervalSeconds(interval);
  const yearly = periodsPerYear(record.calendar as CalendarId, intervalS);
  const traded = close.map((price, i) => price * bars.volume[i]).filter((value) =>
    !Number.isNaN(value)
  );
  const meanValue = traded.reduce((sum, value) => sum + value, 0) / traded.length;
  const dailyValue = meanValue * Math.max(1, SECONDS_PER_DAY / intervalS);
  const liquid = record.assetType === "crypto" ? LIQUID_VALUE.crypto : LIQUID_VALUE.other;
  return assetFeatures(values, yearly, Math.min(1, dailyValue / liquid));
}
