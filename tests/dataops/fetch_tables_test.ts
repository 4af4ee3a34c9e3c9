import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { fetchTables } from "../../src/dataops/fetch_tables.ts";
import { type MarketServer, servedDays } from "./market_server.ts";
import { type Place, recordOf, storedBars, withPlace } from "./places.ts";

const DAY_S = 86_400;
/** A Monday. */
const TODAY = 19_800;

async function fetchOn(
  { lake, barSources }: Place,
  today: number,
  records = [recordOf("BTCUSDT", "coins")],
  options: { readonly lookback?: number; readonly signal?: AbortSignal } = {},
) {
  return await fetchTables(records, {
    lake,
    sources: barSources,
    interval: "1d",
    lookback: options.lookback ?? 20,
    nowS: today * DAY_S + 3600,
    signal: options.signal ?? new AbortController().signal,
    onFetched: () => {},
  });
}

const daysOf = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const closesOf = (days: readonly number[]) =>
  servedDays(days).map(([time, , , , close]) => [time / DAY_S, close] as [number, number]);
/** Days that each request for bars asked for. */
const askedDays = (server: MarketServer) =>
  server.requests.filter(({ pathname }) => pathname.endsWith("klines")).map(({ searchParams }) => [
    Number(searchParams.get("startTime")) / 1000 / DAY_S,
    (Number(searchParams.get("endTime")) + 1) / 1000 / DAY_S,
  ]);

Deno.test("a fetch takes lookback + 100 bars that are over; the next day it asks for one", () =>
  withPlace(async (place) => {
    const { server, lake } = place;
    server.bars.set("BTCUSDT", servedDays(daysOf(TODAY - 900, TODAY + 9)));
    const [first] = await fetchOn(place, TODAY);
    assertEquals([first.status, first.bars], ["updated", 120]);
    assertEquals(
      await storedBars(lake, "BINANCE_BTCUSDT_1d"),
      closesOf(daysOf(TODAY - 120, TODAY)),
    );
    assertEquals((await fetchOn(place, TODAY))[0].status, "fresh");
    const [next] = await fetchOn(place, TODAY + 1);
    assertEquals([next.status, next.bars], ["updated", 1]);
    assertEquals(askedDays(server), [[TODAY - 120, TODAY], [TODAY, TODAY + 1]]);
  }));

Deno.test("a longer lookback asks for the past alone, and a young symbol is not asked for it again", () =>
  withPlace(async (place) => {
    const { server, lake } = place;
    server.bars.set("BTCUSDT", servedDays(daysOf(TODAY - 30, TODAY)));
    await fetchOn(place, TODAY);
    await fetchOn(place, TODAY, undefined, { lookback: 50 });
    assertEquals((await fetchOn(place, TODAY, undefined, { lookback: 50 }))[0].status, "fresh");
    assertEquals(askedDays(server), [[TODAY - 120, TODAY], [TODAY - 150, TODAY - 120]]);
    assertEquals((await storedBars(lake, "BINANCE_BTCUSDT_1d")).length, 30);
  }));

Deno.test("after a split a source of adjusted prices is taken anew, as far back as it was known", () =>
  withPlace(async (place) => {
    const { server, lake } = place;
    const days = daysOf(TODAY - 400, TODAY + 1);
    server.bars.set("ACME", servedDays(days));
    const records = [recordOf("ACME", "stocks")];
    await fetchOn(place, TODAY, records, { lookback: 60 });
    const before = await storedBars(lake, "YAHOO_ACME_1d");
    server.yahoo.adjust = 0.5;
    const [fetched] = await fetchOn(place, TODAY + 1, records, { lookback: 20 });
    assertEquals(fetched.status, "replaced");
    const after = await storedBars(lake, "YAHOO_ACME_1d");
    assertEquals(after, [...before, ...closesOf([TODAY])].map(([day, close]) => [day, close / 2]));
    assertEquals((await fetchOn(place, TODAY + 1, records))[0].status, "fresh");
  }));

Deno.test("a symbol that fails does not stop the others, and is told with its reason", () =>
  withPlace(async (place) => {
    const { server } = place;
    for (const ticker of ["A", "B", "C"]) server.bars.set(ticker, servedDays([TODAY - 1]));
    server.lasting.push({ part: "symbol=B", fault: { type: "status", status: 503 } });
    const records = ["A", "B", "C", "GONE"].map((ticker) => recordOf(ticker, "coins"));
    const fetched = await fetchOn(place, TODAY, records);
    assertEquals(fetched.map(({ status }) => status), ["updated", "failed", "updated", "failed"]);
    assert(fetched[1].reason?.includes("it answered 503, try later, after 6 attempts"));
    assert(fetched[3].reason?.includes("Invalid symbol."));
    server.lasting.pop();
    const again = await fetchOn(place, TODAY, records.slice(0, 3));
    assertEquals(again.map(({ status }) => status), ["fresh", "updated", "fresh"]);
  }));

Deno.test("a fetch that was stopped keeps what came, and the next one asks for the rest alone", () =>
  withPlace(async (place) => {
    const { server, lake } = place;
    const tickers = Array.from({ length: 30 }, (_, i) => `S${i}`);
    for (const ticker of tickers) server.bars.set(ticker, servedDays(daysOf(TODAY - 200, TODAY)));
    const records = tickers.map((ticker) => recordOf(ticker, "coins"));
    const abort = new AbortController();
    let came = 0;
    const stopped = fetchTables(records, {
      lake,
      sources: place.barSources,
      interval: "1d",
      lookback: 20,
      nowS: TODAY * DAY_S,
      signal: abort.signal,
      onFetched: () => ++came === 12 && abort.abort(new Error("Ctrl-C")),
    });
    await assertRejects(() => stopped, Error, "Ctrl-C");
    const kept = (await lake.list()).size - 1;
    assert(kept >= 12 && kept < 30, `${kept}`);
    server.requests.length = 0;
    const fetched = await fetchOn(place, TODAY, records);
    assertEquals(fetched.filter(({ status }) => status === "fresh").length, kept);
    assertEquals(server.requests.length, 30 - kept);
  }));

Deno.test("pages before one that fails are kept", () =>
  withPlace(async (place) => {
    const { server, lake } = place;
    const days = daysOf(TODAY - 2600, TODAY);
    server.bars.set("BTCUSDT", servedDays(days));
    const second = `startTime=${(TODAY - 2600 + 1000) * DAY_S * 1000}&`;
    server.lasting.push({ part: second, fault: { type: "garbage" } });
    const [failed] = await fetchOn(place, TODAY, undefined, { lookback: 2500 });
    assertEquals(failed.status, "failed");
    assertEquals((await storedBars(lake, "BINANCE_BTCUSDT_1d")).length, 1000);
    server.lasting.pop();
    server.requests.length = 0;
    await fetchOn(place, TODAY, undefined, { lookback: 2500 });
    assertEquals(await storedBars(lake, "BINANCE_BTCUSDT_1d"), closesOf(days));
    assertEquals(askedDays(server)[0][0], TODAY - 1600);
  }));

Deno.test("whatever goes wrong in whatever order, in the end every bar is there once", async () => {
  const fault = fc.constantFrom(
    { type: "truncated" } as const,
    { type: "cut" } as const,
    { type: "garbage" } as const,
    { type: "status", status: 500 } as const,
    { type: "status", status: 429, retryAfter: "3" } as const,
    { type: "status", status: 404 } as const,
  );
  const step = fc.record({
    days: fc.integer({ min: 0, max: 40 }),
    faults: fc.array(fault, { maxLength: 9 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 4 }),
      (steps) =>
        withPlace(async (place) => {
          const { server, lake } = place;
          let today = TODAY;
          server.bars.set("BTCUSDT", servedDays(daysOf(TODAY - 2000, TODAY + 200)));
          for (const { days, faults } of steps) {
            today += days;
            server.faults.splice(0, Infinity, ...faults);
            await fetchOn(place, today);
          }
          server.faults.length = 0;
          await fetchOn(place, today);
          const bars = await storedBars(lake, "BINANCE_BTCUSDT_1d");
          assertEquals(bars.slice(-120), closesOf(daysOf(today - 120, today)));
          assertEquals(new Set(bars.map(([day]) => day)).size, bars.length);
        }),
    ),
    { numRuns: 8 },
  );
});
