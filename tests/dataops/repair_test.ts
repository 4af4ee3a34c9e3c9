import { assertEquals } from "@std/assert";
import { featuresWrite } from "../../src/dataops/features_table.ts";
import { fetchTables } from "../../src/dataops/fetch_tables.ts";
import { auditTables, healthWrite } from "../../src/dataops/health_table.ts";
import { findGappyTables, repairTables } from "../../src/dataops/repair_tables.ts";
import { numbersOf } from "../../src/lakehouse/columns.ts";
import type { SymbolRecord } from "../../src/lakehouse/prices/symbols_table.ts";
import { ruleCalendar } from "../../src/quant/calendars/session_calendar.ts";
import { servedDays } from "./market_server.ts";
import { type Place, recordOf, storedBars, withPlace } from "./places.ts";

const DAY_S = 86_400;
/** A Monday: the last session was on Friday. */
const TODAY = 19_800;
const NEVER = new AbortController().signal;
const daysOf = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

const fetchAll = ({ lake, barSources }: Place, records: readonly SymbolRecord[]) =>
  fetchTables(records, {
    lake,
    sources: barSources,
    interval: "1d",
    lookback: 20,
    nowS: TODAY * DAY_S,
    signal: NEVER,
    onFetched: () => {},
  });

async function repair({ lake, barSources }: Place, records: readonly SymbolRecord[]) {
  const settings = { lake, sources: barSources, interval: "1d", signal: NEVER };
  const gappy = await findGappyTables(records, settings);
  return await repairTables(gappy, { ...settings, onRepaired: () => {} });
}

Deno.test("gaps are asked for again; what the source has is filled in, what it has not is left alone from then on", () =>
  withPlace(async (place) => {
    const { server, lake } = place;
    const records = [recordOf("BTCUSDT", "coins")];
    const holes = [TODAY - 50, TODAY - 30, TODAY - 29];
    const days = daysOf(TODAY - 300, TODAY).filter((day) => !holes.includes(day));
    server.bars.set("BTCUSDT", servedDays(days));
    await fetchAll(place, records);
    server.bars.set("BTCUSDT", servedDays([...days, TODAY - 30].sort()));
    assertEquals(await repair(place, records), [
      { symbol: "BINANCE:BTCUSDT", gaps: 2, filled: 1, confirmed: 2, reason: null },
    ]);
    assertEquals((await storedBars(lake, "BINANCE_BTCUSDT_1d")).length, 118);
    server.requests.length = 0;
    assertEquals([await repair(place, records), server.requests], [[], []]);
  }));

Deno.test("a repair that fails says why and confirms nothing", () =>
  withPlace(async (place) => {
    const { server } = place;
    const records = [recordOf("BTCUSDT", "coins")];
    server.bars.set("BTCUSDT", servedDays(daysOf(TODAY - 300, TODAY).filter((day) => day % 9 > 0)));
    await fetchAll(place, records);
    server.lasting.push({ part: "klines", fault: { type: "status", status: 403 } });
    const [failed] = await repair(place, records);
    assertEquals([failed.confirmed, failed.reason?.includes("it answered 403")], [0, true]);
    server.lasting.pop();
    assertEquals((await repair(place, records))[0].confirmed, failed.gaps);
  }));

Deno.test("the audit knows what day it is: old tables are stale, absent ones missing, weekends none", () =>
  withPlace(async (place) => {
    const { server, lake } = place;
    const sessions = daysOf(TODAY - 400, TODAY).filter(ruleCalendar("XNYS").isSession);
    server.bars.set("FRESH", servedDays(sessions));
    server.bars.set("OLD", servedDays(sessions.slice(0, -10)));
    server.bars.set("BTCUSDT", servedDays(daysOf(TODAY - 400, TODAY)));
    const records = [
      recordOf("FRESH", "stocks"),
      recordOf("OLD", "stocks"),
      recordOf("NONE", "stocks"),
      recordOf("BTCUSDT", "coins"),
    ];
    await fetchAll(place, records.filter(({ ticker }) => ticker !== "NONE"));
    const statuses = async (today: number) => {
      const nowS = today * DAY_S;
      const health = await auditTables(records, {
        lake,
        interval: "1d",
        lookback: 100,
        minDaysFloor: 20,
        nowS,
      });
      await lake.writeTables([healthWrite(health, nowS)]);
      return health.map(({ status }) => status);
    };
    assertEquals(await statuses(TODAY), ["OK (MARKET CLOSED)", "STALE", "MISSING", "OK"]);
    assertEquals(await statuses(TODAY + 14), ["STALE", "STALE", "MISSING", "STALE"]);
    assertEquals((await lake.list()).get("foundation_health")?.rows, 4);
  }));

Deno.test("features are measured of every table, in the order of symbols", () =>
  withPlace(async (place) => {
    const { server, lake } = place;
    server.bars.set("BTCUSDT", servedDays(daysOf(TODAY - 400, TODAY)));
    const records = [recordOf("NONE", "coins"), recordOf("BTCUSDT", "coins")];
    await fetchAll(place, records.slice(1));
    const write = await featuresWrite(lake, records, "1d", 60);
    assertEquals(write.columns[0].values, ["BINANCE:BTCUSDT"]);
    assertEquals(numbersOf(write.columns, "as_of"), Float64Array.of((TODAY - 1) * DAY_S));
    assertEquals(
      write.columns.slice(2).flatMap(({ values }) => [...values]).every(Number.isFinite),
      true,
    );
  }));
