import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { MarketServer, type ServedBar } from "../dataops/market_server.ts";
import { type CommandResult, productionSummary, RunningCommand, withFolder } from "./cli.ts";

const DAY_S = 86_400;
const TICKERS = ["BTCUSDT", "ETHUSDT", "SOLUSDT", "ADAUSDT", "XRPUSDT"];

/** Bars of the last days up to now that rise and fall, each symbol in its own way. */
function wavesUntilToday(days: number): Map<string, ServedBar[]> {
  const today = Math.floor(Date.now() / 1000 / DAY_S);
  return new Map(TICKERS.map((ticker, k) => [
    ticker,
    Array.from({ length: days }, (_, i): ServedBar => {
      const close = 100 + k + 20 * Math.sin(i / (3 + k)) + 5 * Math.sin(i * (k + 1.7));
      return [
        (today - days + 1 + i) * DAY_S,
        close - 1,
        close + 2,
        close - 2,
        close,
        1000 * (k + 1),
      ];
    }),
  ]));
}

async function withMarket(
  test: (place: {
    readonly server: MarketServer;
    readonly folder: string;
    readonly manifest: string;
    readonly dataops: (...args: string[]) => Promise<CommandResult>;
  }) => Promise<void>,
): Promise<void> {
  await using server = new MarketServer();
  for (const [ticker, bars] of wavesUntilToday(300)) server.bars.set(ticker, bars);
  await withFolder(async (folder) => {
    const manifest = join(folder, "manifest.jsonc");
    const fast = { url: server.url, requests_per_second: 1000, burst: 1000 };
    const crypto = {
      prices: "lake",
      sources: { coins: { type: "binance", ...fast } },
      discovery: { scanners: [{ source: "coins", quote: "USDT", max: 4 }] },
      data: { calendar: "24x7", lookback_days: 120, min_days_floor: 60 },
      risk: { cluster_lookbacks: [20], max_weight: 0.5, cluster_cut: 0 },
      backtest: { train: 20, test: 10, step: 10, profiles: ["equal_weight", "hrp"] },
    };
    await Deno.writeTextFile(
      manifest,
      JSON.stringify({ default_profile: "crypto", profiles: { crypto } }),
    );
    const dataops = (...args: string[]) =>
      new RunningCommand("dataops", [...args, "--manifest", manifest]).result();
    await test({ server, folder, manifest, dataops });
  });
}

Deno.test("dataops fills a lakehouse from an exchange, production runs on it, and the exchange is not asked twice", () =>
  withMarket(async ({ server, folder, manifest, dataops }) => {
    const planned = await dataops("discover", "--dry-run");
    assertEquals(planned.code, 0, planned.stderr);
    assertStringIncludes(planned.stdout, "4 candidates (coins: 4 of 5 listed); nothing written");

    const filled = await dataops("run", "--json");
    assertEquals(filled.code, 0, filled.stderr);
    const { steps, failed } = JSON.parse(filled.stdout);
    assertEquals(failed, []);
    assertEquals(steps.fetch.tables.map(({ bars }: { bars: number }) => bars), [
      220,
      220,
      220,
      220,
    ]);
    assertEquals(steps.audit.health.map(({ status }: { status: string }) => status), [
      "OK",
      "OK",
      "OK",
      "OK",
    ]);
    assertEquals(steps.features.symbols, 4);
    assertEquals(steps.gc.dropped, [], "no version is old yet");

    server.requests.length = 0;
    const again = await dataops("fetch");
    assertEquals([again.code, server.requests.length], [0, 0]);
    assertStringIncludes(again.stdout, "4 fresh");

    const summary = await productionSummary(["--manifest", manifest, "--out", join(folder, "out")]);
    assertEquals([summary.status, summary.prices.symbols], ["completed", 4]);
    assertEquals(server.requests.length, 0);
  }));

Deno.test("dataops tells by its exit code and by name which symbols failed, and mends them the next time", () =>
  withMarket(async ({ server, dataops }) => {
    server.lasting.push({ part: "symbol=SOLUSDT", fault: { type: "status", status: 403 } });
    const partial = await dataops("run", "--quiet");
    assertEquals(partial.code, 1);
    assertStringIncludes(partial.stderr, "BINANCE:SOLUSDT failed: Cannot get ");
    assertStringIncludes(partial.stderr, "it answered 403");
    server.lasting.pop();
    const mended = await dataops("fetch");
    assertEquals(mended.code, 0, mended.stderr);
    assertStringIncludes(mended.stdout, "1 tables updated, 0 replaced, 3 fresh, 0 failed");
  }));

Deno.test("dataops refuses a price file, a lakehouse without symbols, and commands that do not exist", () =>
  withMarket(async ({ folder, dataops }) => {
    const prices = join(folder, "prices.csv");
    await Deno.writeTextFile(prices, "date,A\n2024-01-02,1\n");
    const refused = async (message: string, ...args: string[]) => {
      const { code, stderr } = await dataops(...args);
      assertEquals(code, 2);
      assertStringIncludes(stderr, message);
    };
    await refused("a folder is expected", "fetch", "--lakehouse", prices);
    await refused("nothing was discovered yet", "fetch");
    await refused("The nearest one is fetch", "fetsch");
  }));
