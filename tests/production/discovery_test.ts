import { assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import type { TableEntry } from "../../src/lakehouse/snapshots/manifest.ts";
import type { PriceTables } from "../../src/lakehouse/prices/price_source.ts";
import { discoverCandidates } from "../../src/production/discovery.ts";
import { recordOf } from "../dataops/places.ts";

const RECORDS = [
  { ...recordOf("BTCUSDT", "coins"), volume24h: 5 },
  { ...recordOf("ETHUSDT", "coins"), volume24h: 9, validUntilS: 100 },
  { ...recordOf("NOBARS", "coins"), volume24h: 99 },
  recordOf("ACME", "stocks"),
];

const SYMBOLS = ["BINANCE:BTCUSDT", "BINANCE:ETHUSDT", "LOCAL", "YAHOO:ACME"];

const SOURCE: PriceTables = {
  type: "tables",
  path: "lake",
  sha256: "0".repeat(64),
  symbols: SYMBOLS,
  rows: 600,
  fromS: 0,
  toS: 600,
  interval: "1d",
  pinned: { version: 1, commit: "c" },
  tables: new Map(SYMBOLS.map((symbol) => [symbol, {} as TableEntry])),
  records: RECORDS,
  isOffline: false,
  execution: [],
};

Deno.test("scanners take of a lakehouse what has bars and fits, those that have left among them", () => {
  const scanned = (...scanners: { source: string; max?: number }[]) =>
    discoverCandidates({ scanners }, SOURCE);
  assertEquals(scanned({ source: "coins" }), ["BINANCE:ETHUSDT", "BINANCE:BTCUSDT"]);
  assertEquals(scanned({ source: "stocks" }, { source: "coins", max: 1 }), [
    "YAHOO:ACME",
    "BINANCE:ETHUSDT",
  ]);
  assertEquals(discoverCandidates({}, SOURCE), SYMBOLS);
  assertEquals(discoverCandidates({ symbols: ["LOCAL"] }, SOURCE), ["LOCAL"]);
});

Deno.test("scanners that fit nothing in a lakehouse are an error that says what to do", () => {
  const error = assertThrows(
    () => discoverCandidates({ scanners: [{ source: "coins", quote: "EUR" }] }, SOURCE),
    UserError,
    "Cannot find any candidate in lake",
  );
  assertEquals(error.hint?.includes("deno task dataops run"), true);
});
