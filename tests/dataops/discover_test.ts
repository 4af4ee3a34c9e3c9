import { assertEquals, assertRejects } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import { discover, storeDiscovery } from "../../src/dataops/discover.ts";
import { updateSymbols } from "../../src/dataops/slowly_changing.ts";
import { readSymbols, STILL_VALID_S } from "../../src/lakehouse/prices/symbols_table.ts";
import { servedDays } from "./market_server.ts";
import { recordOf, withPlace } from "./places.ts";

const NEVER = new AbortController().signal;

Deno.test("discovery takes what its scanners find, records since when, and who has left", () =>
  withPlace(async ({ server, lake, sources }) => {
    for (const symbol of ["BTCUSDT", "ETHUSDT", "XRPEURX"]) {
      server.bars.set(symbol, servedDays([9]));
    }
    const scanners = [{ source: "coins", quote: "USDT" }, { source: "stocks", symbols: ["ACME"] }];
    const first = await discover(scanners, sources, 100, NEVER);
    assertEquals(first.remarks, ["coins: 2 of 3 listed", "stocks: 1 of 1 listed"]);
    assertEquals(await storeDiscovery(lake, first, 100), { added: 3, left: 0 });
    server.bars.delete("ETHUSDT");
    const second = await discover(scanners, sources, 200, NEVER);
    assertEquals(await storeDiscovery(lake, second, 200), { added: 0, left: 1 });
    assertEquals(
      (await readSymbols(lake)).map((
        { symbol, identity, calendar, validFromS, validUntilS },
      ) => [symbol, identity, calendar, validFromS, validUntilS]),
      [
        ["BINANCE:BTCUSDT", "BTC", "24x7", 100, STILL_VALID_S],
        ["BINANCE:ETHUSDT", "ETH", "24x7", 100, 200],
        ["YAHOO:ACME", "ACME", "XNYS", 100, STILL_VALID_S],
      ],
    );
    const execution = (await lake.list()).get("execution");
    assertEquals([execution?.rows, execution?.schema], [3, "execution@1"]);
  }));

Deno.test("no candidate at all is an error that says what each scanner has seen", () =>
  withPlace(async ({ server, sources }) => {
    server.bars.set("BTCUSDT", servedDays([9]));
    const scanners = [{ source: "coins", quote: "EUR" }, { source: "coins", min_volume_24h: 1e12 }];
    await assertRejects(
      () => discover(scanners, sources, 0, NEVER),
      UserError,
      "Cannot find any candidate: coins: 0 of 1 listed; coins: 0 of 1 listed",
    );
    assertEquals(server.requests.length, 2, "what a source lists is asked for once");
    await assertRejects(() => discover([], sources, 0, NEVER), UserError, "scanners is not set");
  }));

Deno.test("a symbol of which something else is known gets a new record; a volume makes none", () => {
  const old = { ...recordOf("ACME", "stocks"), validFromS: 1 };
  const same = { ...old, volume24h: 7, validFromS: 5 };
  assertEquals(updateSymbols([old], [same], new Map(), 5), [{ ...old, volume24h: 7 }]);
  const moved = { ...old, sector: "Energy", validFromS: 5 };
  assertEquals(updateSymbols([old], [moved], new Map(), 5), [{ ...old, validUntilS: 5 }, moved]);
});

Deno.test("a symbol that is merely not looked for goes on; one that comes back begins anew", () => {
  const old = { ...recordOf("ACME", "stocks"), validFromS: 1 };
  assertEquals(updateSymbols([old], [], new Map(), 5), [old]);
  assertEquals(updateSymbols([old], [], new Map([["stocks", new Set(["ACME"])]]), 5), [old]);
  const [left] = updateSymbols([old], [], new Map([["stocks", new Set<string>()]]), 5);
  assertEquals(left.validUntilS, 5);
  const back = { ...old, validFromS: 9 };
  assertEquals(updateSymbols([left], [back], new Map(), 9), [left, back]);
});
