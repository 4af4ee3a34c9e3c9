import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { createRng } from "../../../src/base/rng.ts";
import { UserError } from "../../../src/base/errors.ts";
import type { BarPage, BarSource } from "../../../src/dataops/sources/bar_source.ts";
import { BinanceSource } from "../../../src/dataops/sources/binance_source.ts";
import { FilesSource } from "../../../src/dataops/sources/files_source.ts";
import { HttpDoor } from "../../../src/dataops/sources/http_door.ts";
import { StooqSource } from "../../../src/dataops/sources/stooq_source.ts";
import { YahooSource } from "../../../src/dataops/sources/yahoo_source.ts";
import { DrivenClock } from "../driven_clock.ts";
import { MarketServer, servedDays } from "../market_server.ts";

const DAY_S = 86_400;
const NEVER = new AbortController().signal;

function doorOf(name: string): HttpDoor {
  return new HttpDoor({
    name,
    requestsPerSecond: 1000,
    burst: 1000,
    clock: new DrivenClock(),
    rng: createRng(1),
  });
}

async function pagesOf(source: BarSource, ticker: string, fromDay: number, toDay: number) {
  const range = { fromS: fromDay * DAY_S, toS: toDay * DAY_S };
  const pages: BarPage[] = [];
  for await (const page of source.bars({ ticker, interval: "1d", range }, NEVER)) pages.push(page);
  return pages;
}

const closesOf = (pages: readonly BarPage[]) => pages.flatMap(({ bars }) => [...bars.close]);

Deno.test("klines come in pages that touch and lose no bar, each of its own range", async () => {
  await using server = new MarketServer();
  const days = Array.from({ length: 2500 }, (_, i) => 10_000 + i).filter((day) => day !== 10_999);
  server.bars.set("BTCUSDT", servedDays(days));
  const source = new BinanceSource(doorOf("b"), server.url, 10);
  const pages = await pagesOf(source, "BTCUSDT", 10_000, 12_400);
  assertEquals(pages.map(({ bars }) => bars.close.length), [1000, 1000, 399]);
  assertEquals(
    pages.map(({ range }) => [range.fromS / DAY_S, range.toS / DAY_S]),
    [[10_000, 11_001], [11_001, 12_001], [12_001, 12_400]],
  );
  const expected = servedDays(days.filter((day) => day < 12_400));
  assertEquals(closesOf(pages), expected.map(([, , , , close]) => close));
  assertEquals(pages[0].bars.volume[0], expected[0][5]);
});

Deno.test("an exchange lists what trades now, with volumes and the rules of orders", async () => {
  await using server = new MarketServer();
  for (const symbol of ["BTCUSDT", "OLDXUSDT", "ETHUSDT"]) {
    server.bars.set(symbol, servedDays([20_000]));
  }
  const source = new BinanceSource(doorOf("b"), server.url, 10);
  const listings = await source.list(undefined, NEVER);
  assertEquals(listings.map(({ ticker, identity }) => [ticker, identity]), [
    ["BTCUSDT", "BTC"],
    ["ETHUSDT", "ETH"],
  ]);
  const execution = { lotSize: 0.00001, tickSize: 0.01, minNotional: 5, feeBps: 10 };
  assertEquals(listings[0].execution, execution);
  assertEquals(listings[0].volume24h, 100_000 + 1000 * ((20_000 * 7919) % 50));
  assertEquals((await source.list(["ETHUSDT"], NEVER)).length, 1);
});

Deno.test("a symbol that an exchange does not know is a refusal in its words", async () => {
  await using server = new MarketServer();
  const source = new BinanceSource(doorOf("b"), server.url, 10);
  await assertRejects(() => pagesOf(source, "NOPE", 1, 9), UserError, "Invalid symbol.");
});

Deno.test("a CSV of Stooq's shape is read, and no data is an empty answer", async () => {
  await using server = new MarketServer();
  server.bars.set("AAPL.US", servedDays([19_001, 19_002, 19_005]));
  const source = new StooqSource(doorOf("s"), server.url, ".us");
  const [{ bars }] = await pagesOf(source, "AAPL", 19_002, 19_006);
  assertEquals([...bars.timestampsS].map((time) => time / DAY_S), [19_002, 19_005]);
  assertEquals(closesOf(await pagesOf(source, "NONE", 19_002, 19_006)), []);
  await assertRejects(
    () => pagesOf(source, "AAPL", 1, 2).then(() => source.list(undefined)),
    UserError,
    "it lists none",
  );
});

Deno.test("a chart's bars are dated by their exchange, adjusted as their closes are, and without nulls", async () => {
  await using server = new MarketServer();
  server.yahoo.adjust = 0.5;
  const hole = [19_001 * DAY_S, NaN, NaN, NaN, NaN, NaN] as const;
  server.bars.set("BRK-B", [...servedDays([19_000]), hole, ...servedDays([19_002])]);
  const source = new YahooSource(doorOf("y"), server.url);
  const [{ bars }] = await pagesOf(source, "BRK-B", 18_000, 19_100);
  assertEquals([...bars.timestampsS].map((time) => time / DAY_S), [19_000, 19_002]);
  const [[, open, high, low, close, volume]] = servedDays([19_000]);
  const first = [bars.open[0], bars.high[0], bars.low[0], bars.close[0]];
  [open, high, low, close].forEach((price, i) => assertAlmostEquals(first[i], price / 2, 1e-9));
  assertEquals(bars.volume[0], volume);
  await assertRejects(() => pagesOf(source, "GONE", 1, 2), UserError, "may be delisted");
});

async function withFiles(
  files: Readonly<Record<string, string>>,
  test: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/eod`);
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${folder}/eod/${name}`, text);
    }
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("files of bars are named after their symbol; others are wide tables of closes", () =>
  withFiles({
    "AAPL.csv": "Date,Open,High,Low,Close,Adj Close,Volume\n2024-01-02,10,12,9,11,5.5,100\n",
    "others.csv": "date,XOM,CVX\n2024-01-02,7,8\n2024-01-03,7.5,\n",
  }, async (folder) => {
    const source = new FilesSource(folder, "eod/*.csv", "equity");
    const listings = await source.list(undefined);
    assertEquals(listings.map(({ ticker }) => ticker), ["AAPL", "XOM", "CVX"]);
    const [{ bars }] = await pagesOf(source, "AAPL", 0, 1);
    assertEquals([bars.open[0], bars.low[0], bars.close[0], bars.volume[0]], [5, 4.5, 5.5, 100]);
    assertEquals(closesOf(await pagesOf(source, "CVX", 0, 1)), [8]);
    await assertRejects(() => pagesOf(source, "MSFT", 0, 1), UserError, "no file of");
  }));

Deno.test("files that tell the same symbol twice, or none at all, are refused by name", () =>
  withFiles(
    { "A.csv": "date,close\n2024-01-02,1\n", "b.csv": "date,A\n2024-01-02,1\n" },
    async (folder) => {
      const list = (pattern: string) => new FilesSource(folder, pattern, "equity").list(undefined);
      await assertRejects(() => list("eod/*.csv"), UserError, "A.csv has it already");
      await assertRejects(() => list("eod/*.parquet"), UserError, "Cannot find any file");
    },
  ));
