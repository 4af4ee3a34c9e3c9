import { assert, assertEquals, assertRejects } from "@std/assert";
import { UserError } from "../../../src/base/errors.ts";
import { sha256Hex } from "../../../src/base/hash.ts";
import {
  describePrices,
  keepDescription,
  type PriceFile,
} from "../../../src/lakehouse/prices/price_source.ts";
import type { Prices } from "../../../src/lakehouse/price_files/read_prices.ts";

const TEXT = "date,A,B\n2020-01-01,1,2\n2020-01-02,1.5,2.5\n2020-01-03,2,\n";
const DAY_S = 86_400;
const FIRST_S = Date.UTC(2020, 0, 1) / 1000;

interface Place {
  readonly lake: string;
  readonly file: string;
}

async function withPrices(test: (place: Place) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${dir}/prices.csv`, TEXT);
    await test({ lake: `${dir}/lake`, file: `${dir}/prices.csv` });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function describe({ lake, file }: Place): Promise<{ source: PriceFile; read?: Prices }> {
  let read: Prices | undefined;
  const source = await describePrices(lake, file, (prices) => {
    assertEquals(read, undefined, "the prices are handed over once");
    read = prices;
  });
  assert(source.type === "file");
  return { source, ...(read && { read }) };
}

Deno.test("describePrices() says what a file holds and hands over what it read", () =>
  withPrices(async (place) => {
    const { source, read } = await describe(place);
    assertEquals(source, {
      type: "file",
      path: place.file,
      sha256: sha256Hex(TEXT),
      symbols: ["A", "B"],
      rows: 3,
      fromS: FIRST_S,
      toS: FIRST_S + 2 * DAY_S,
    });
    assertEquals(read?.panel.symbols, ["A", "B"]);
  }));

Deno.test("describePrices() does not read a file whose description was kept, under whatever path", () =>
  withPrices(async (place) => {
    const { source } = await describe(place);
    await keepDescription(place.lake, source);
    assertEquals(await describe(place), { source });
    const copy = `${place.file}.copy`;
    await Deno.copyFile(place.file, copy);
    assertEquals(await describe({ ...place, file: copy }), { source: { ...source, path: copy } });
  }));

Deno.test("describePrices() reads a file again once its content has changed", () =>
  withPrices(async (place) => {
    await keepDescription(place.lake, (await describe(place)).source);
    await Deno.writeTextFile(place.file, `${TEXT}2020-01-06,3,3\n`);
    const { source, read } = await describe(place);
    assertEquals([source.rows, read?.panel.timestampsS.length], [4, 4]);
  }));

Deno.test("describePrices() reads a file again whose description is damaged", () =>
  withPrices(async (place) => {
    const { source } = await describe(place);
    await keepDescription(place.lake, source);
    const kept = `${place.lake}/sources/${source.sha256}.json`;
    const whole = JSON.parse(await Deno.readTextFile(kept));
    const damages = [
      "",
      "{",
      "null",
      "[]",
      "7",
      "{}",
      JSON.stringify({ ...whole, symbols: undefined }),
      JSON.stringify({ ...whole, symbols: ["A", 2] }),
      JSON.stringify({ ...whole, symbols: [] }),
      JSON.stringify({ ...whole, rows: "3" }),
      JSON.stringify({ ...whole, toS: null }),
      JSON.stringify({ ...whole, sha256: "0".repeat(64) }),
    ];
    for (const damage of damages) {
      await Deno.writeTextFile(kept, damage);
      const again = await describe(place);
      assertEquals(again.source, source, damage);
      assert(again.read !== undefined, `taken for whole: ${damage}`);
    }
  }));

Deno.test("describePrices() refuses a missing file, a folder and an empty file, each with its path", () =>
  withPrices(async (place) => {
    const missing = `${place.file}.missing`, empty = `${place.file}.empty`;
    await Deno.writeTextFile(empty, "");
    const reasons = [
      [missing, "no such file"],
      [place.file.slice(0, -"/prices.csv".length), "it is a folder"],
      [empty, "the file is empty"],
    ] as const;
    for (const [file, reason] of reasons) {
      const error = await assertRejects(() => describe({ ...place, file }), UserError);
      assertEquals(error.message, `Cannot read prices from ${file}: ${reason}`);
      assert(error.hint !== undefined);
    }
  }));
