import { assertAlmostEquals, assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { delay } from "@std/async/delay";
import { join } from "@std/path";
import { numbersOf } from "../../src/lakehouse/columns.ts";
import { readColumns } from "../../src/lakehouse/parquet/parquet_file.ts";
import { openLakehouse } from "../../src/lakehouse/lakehouse.ts";
import { readPanel } from "../../src/lakehouse/prices/read_panel.ts";
import { symbolOfPriceTable } from "../../src/lakehouse/prices/symbol.ts";
import { outputFolders, RunFolder } from "../../src/production/run_folder.ts";
import { MarketServer, type ServedBar } from "../dataops/market_server.ts";
import { type CommandResult, productionSummary, RunningCommand, withFolder } from "./cli.ts";

const DAY_S = 86_400;
/** As the exchange tells: units, and a share of what is traded. */
const LOT_SIZE = 0.00001, FEE = 0.001;
const TICKERS = ["BTCUSDT", "ETHUSDT", "SOLUSDT", "ADAUSDT", "XRPUSDT"];

/** Bars of the last days up to now that rise and fall, each symbol in its own way. */
function wavesUntilToday(days: number, tickers: readonly string[]): Map<string, ServedBar[]> {
  const today = Math.floor(Date.now() / 1000 / DAY_S);
  return new Map(tickers.map((ticker, k) => [
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

interface MarketOptions {
  readonly tickers?: readonly string[];
  /** What the scanner takes. */
  readonly max?: number;
  /** Sections of the manifest. */
  readonly backtest?: Record<string, unknown>;
  readonly selection?: Record<string, unknown>;
  readonly gates?: Record<string, unknown>;
}

async function withMarket(
  test: (place: {
    readonly server: MarketServer;
    readonly folder: string;
    readonly manifest: string;
    readonly dataops: (...args: string[]) => Promise<CommandResult>;
  }) => Promise<void>,
  { tickers = TICKERS, max = 4, backtest = {}, ...sections }: MarketOptions = {},
): Promise<void> {
  await using server = new MarketServer();
  for (const [ticker, bars] of wavesUntilToday(300, tickers)) server.bars.set(ticker, bars);
  await withFolder(async (folder) => {
    const manifest = join(folder, "manifest.jsonc");
    const fast = { url: server.url, requests_per_second: 1000, burst: 1000 };
    const crypto = {
      prices: "lake",
      sources: { coins: { type: "binance", fee_bps: 10, ...fast } },
      discovery: { scanners: [{ source: "coins", quote: "USDT", max }] },
      data: { calendar: "24x7", lookback_days: 120, min_days_floor: 60 },
      risk: { cluster_lookbacks: [20], max_weight: 0.5, cluster_cut: 0 },
      backtest: { train: 20, test: 10, step: 10, profiles: ["equal_weight", "hrp"], ...backtest },
      ...sections,
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

Deno.test("from the exchange to a report: every simulator trades by the exchange's rules, and the ledger is verified and replayed", () =>
  withMarket(async ({ server, folder, manifest, dataops }) => {
    const filled = await dataops("run", "--quiet");
    assertEquals(filled.code, 0, filled.stderr);
    server.requests.length = 0;
    const out = join(folder, "out");
    const args = ["--manifest", manifest, "--out", out, "--run-id", "r"];
    const { candidates, status } = await productionSummary(args);
    assertEquals([status, candidates.length], ["completed", 2 * 2 * 3]);
    assertEquals(server.requests.length, 0, "a run asks no exchange");

    const run = new RunFolder(outputFolders(out), "r");
    const report = JSON.parse(await Deno.readTextFile(run.reportJson));
    const liquid = report.selections.find(({ mode }: { mode: string }) => mode === "liquid");
    const { gates } = report.candidates[0];
    const turnover = gates.find(({ metric }: { metric: string }) => metric === "turnover");
    assertEquals([turnover.limit, gates.length], [0.07, 8]);
    // The waves turn over the more the later in the list a symbol is: close × volume tells.
    assertEquals(
      liquid.assets.filter(({ chosen }: { chosen: number }) => chosen > 0)
        .map(({ symbol }: { symbol: string }) => symbol).sort(),
      ["BINANCE:ADAUSDT", "BINANCE:XRPUSDT"],
    );
    for (const simulator of ["orders", "event"]) {
      const trades = await readColumns(run.candidateTrades({
        selection: "liquid",
        engine: "clustered",
        profile: "hrp",
        rebalance: "window",
        simulator,
      }));
      const [shares, prices, commissions] = ["shares", "price", "commission"].map((name) =>
        numbersOf(trades, name)
      );
      assertGreater(shares.length, 0);
      shares.forEach((traded, i) => {
        const lots = traded / LOT_SIZE;
        assertAlmostEquals(lots, Math.round(lots), 1e-3);
        assertAlmostEquals(commissions[i], Math.abs(traded) * prices[i] * FEE, 1e-6);
      });
    }

    const audit = (...args: string[]) =>
      new RunningCommand("audit", [...args, "--out", out]).result();
    const verified = await audit("verify", "r");
    assertEquals(verified.code, 0, verified.stderr);
    // The data operations go on: the run stays with what it has read.
    server.bars.set(
      "BTCUSDT",
      server.bars.get("BTCUSDT")!.map(([time, ...values]) =>
        [
          time,
          ...values.map((value) => value * 2),
        ] as unknown as ServedBar
      ),
    );
    await dataops("run", "--quiet");
    const replayed = await audit("replay", "r", "--engine", "clustered", "--json");
    assertEquals(replayed.code, 0, replayed.stderr);
    const regime = await audit("replay", "r", "--step", "regime", "--json");
    assertEquals(regime.code, 0, regime.stderr);
    const steps: { isSame: boolean; recorded: { step: string } }[] =
      JSON.parse(replayed.stdout).steps;
    assertEquals(steps.filter(({ isSame }) => !isSame), []);
    assertEquals(steps.filter(({ recorded }) => recorded.step === "backtest").length, 12);
  }, {
    selection: { modes: ["liquid", "ladder"], min_winners: 2, max_winners: 2, lookback: 20 },
    gates: { turnover: 0.07 },
    backtest: { simulators: ["vectorized", "orders", "event"] },
  }));

Deno.test("dataops that is killed in the middle is run again: what was committed is not asked for, and nothing is missing", () => {
  const tickers = Array.from({ length: 70 }, (_, i) => `T${String(i).padStart(2, "0")}USDT`);
  return withMarket(async ({ server, folder, manifest, dataops }) => {
    // These keep being put off, so that the fetch cannot come to its end.
    const stuck = tickers.slice(0, 3);
    for (const ticker of stuck) {
      server.lasting.push({ part: `symbol=${ticker}`, fault: { type: "status", status: 503 } });
    }
    const lake = openLakehouse(join(folder, "lake"));
    const written = async () =>
      new Set(
        [...(await lake.list()).values()].flatMap(({ name, rows }) =>
          rows > 200 ? symbolOfPriceTable(name, "1d") ?? [] : []
        ),
      );
    const killed = new RunningCommand("dataops", ["run", "--manifest", manifest]);
    while ((await written()).size === 0) await delay(10);
    killed.kill("SIGKILL");
    await killed.result();
    const before = await written();
    assertGreater(70, before.size);

    server.lasting.length = 0;
    server.requests.length = 0;
    const again = await dataops("run", "--quiet");
    assertEquals(again.code, 0, again.stderr);
    const asked = server.requests.filter(({ pathname }) => pathname.endsWith("/klines"))
      .map(({ searchParams }) => `BINANCE:${searchParams.get("symbol")}`);
    assertEquals(asked.filter((symbol) => before.has(symbol)), []);
    assertEquals(asked.length, 70 - before.size);
    assertEquals(new Set(asked).size, asked.length);
    assertEquals((await written()).size, 70);
    const bars = await readPanel(lake, tickers.map((ticker) => `BINANCE:${ticker}`));
    assertEquals(bars.values.some(Number.isNaN), false);
  }, { tickers, max: 70 });
});
