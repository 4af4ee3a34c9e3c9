import { createRng } from "../../src/base/rng.ts";
import type { BarSource } from "../../src/dataops/sources/bar_source.ts";
import { makeSource, type NamedSource } from "../../src/dataops/sources/make_source.ts";
import { numbersOf } from "../../src/lakehouse/columns.ts";
import { type Lakehouse, openLakehouse } from "../../src/lakehouse/lakehouse.ts";
import { PRICES_SCHEMA } from "../../src/lakehouse/prices/prices_schema.ts";
import { STILL_VALID_S, type SymbolRecord } from "../../src/lakehouse/prices/symbols_table.ts";
import type { SourceConfig } from "../../src/manifest/sources_config.ts";
import { DrivenClock } from "./driven_clock.ts";
import { MarketServer } from "./market_server.ts";

/** A market, a lakehouse, and sources of the one for the other. */
export interface Place {
  readonly server: MarketServer;
  readonly lake: Lakehouse;
  readonly sources: ReadonlyMap<string, NamedSource>;
  readonly barSources: ReadonlyMap<string, BarSource>;
  readonly clock: DrivenClock;
}

/** Runs `test` in a new place with the sources `coins` (Binance's shape) and `stocks` (Yahoo's), which may be asked as often
 * as one likes. */
export async function withPlace(test: (place: Place) => Promise<void>): Promise<void> {
  await using server = new MarketServer();
  const dir = await Deno.makeTempDir();
  try {
    const clock = new DrivenClock();
    const fast = { url: server.url, requests_per_second: 1000, burst: 1000 };
    const configs: Record<string, SourceConfig> = {
      coins: { type: "binance", ...fast },
      stocks: { type: "yahoo", ...fast },
    };
    const sources = new Map(
      Object.entries(configs).map(([name, config]) =>
        [name, makeSource(name, config, clock, createRng(1))] as const
      ),
    );
    const barSources = new Map([...sources].map(([name, { source }]) => [name, source]));
    await test({ server, lake: openLakehouse(`${dir}/lake`), sources, barSources, clock });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** A symbol as discovery would record it. */
export function recordOf(ticker: string, source: "coins" | "stocks"): SymbolRecord {
  const exchange = source === "coins" ? "BINANCE" : "YAHOO";
  return {
    symbol: `${exchange}:${ticker}`,
    source,
    ticker,
    exchange,
    assetType: source === "coins" ? "crypto" : "equity",
    identity: ticker,
    sector: null,
    currency: "USD",
    calendar: source === "coins" ? "24x7" : "XNYS",
    volume24h: NaN,
    validFromS: 0,
    validUntilS: STILL_VALID_S,
  };
}

/** Days and closes of a table. */
export async function storedBars(lake: Lakehouse, table: string): Promise<[number, number][]> {
  const entry = (await lake.list()).get(table)!;
  const columns = await lake.readTable(entry, PRICES_SCHEMA);
  const closes = numbersOf(columns, "close");
  return Array.from(numbersOf(columns, "timestamp"), (time, i) => [time / 86_400, closes[i]]);
}
