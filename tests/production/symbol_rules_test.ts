import { assertEquals } from "@std/assert";
import type { PriceTables } from "../../src/lakehouse/prices/price_source.ts";
import type { TableEntry } from "../../src/lakehouse/snapshots/manifest.ts";
import { symbolRules } from "../../src/production/symbol_rules.ts";
import { recordOf } from "../dataops/places.ts";

const BTC = recordOf("BTCUSDT", "coins"), ETH = recordOf("ETHUSDT", "coins");
const ACME = recordOf("ACME", "stocks");
const RULES = { lotSize: 0.01, tickSize: 0.1, minNotional: 5, feeBps: 10, updatedAtS: 0 };
const UNKNOWN = { lotSize: NaN, tickSize: NaN, minNotional: NaN, feeBps: NaN, updatedAtS: 0 };
const SYMBOLS = [BTC.symbol, ETH.symbol, ACME.symbol, "LOCAL"];

const SOURCE: PriceTables = {
  type: "tables",
  path: "lake",
  sha256: "0".repeat(64),
  symbols: SYMBOLS,
  rows: 1,
  fromS: 0,
  toS: 1,
  interval: "1d",
  isOffline: false,
  pinned: undefined,
  tables: new Map<string, TableEntry>(),
  records: [{ ...BTC, identity: "XBT", validUntilS: 9 }, { ...BTC, identity: "BTC" }, ETH, ACME],
  execution: [{ symbol: BTC.symbol, ...RULES }, { symbol: ACME.symbol, ...UNKNOWN }],
};

Deno.test("symbolRules() tells what a lakehouse knows of symbols, by the newest record of each", () => {
  assertEquals(symbolRules(SOURCE, SYMBOLS), {
    identities: ["BTC", "ETHUSDT", "ACME", "LOCAL"],
    // Of stocks the source tells no rules at all: that speaks against none of them.
    hasExecution: [true, false, null, null],
    lotSizes: Float64Array.of(0.01, NaN, NaN, NaN),
    tickSizes: Float64Array.of(0.1, NaN, NaN, NaN),
    minNotionals: Float64Array.of(5, NaN, NaN, NaN),
    feesBps: Float64Array.of(10, NaN, NaN, NaN),
  });
});

Deno.test("symbolRules() of a price file knows nothing but the symbols", () => {
  const file = {
    type: "file",
    path: "p.csv",
    sha256: "0".repeat(64),
    symbols: ["A"],
    rows: 1,
    fromS: 0,
    toS: 1,
  } as const;
  assertEquals(symbolRules(file, ["A"]), {
    identities: ["A"],
    hasExecution: [null],
    lotSizes: Float64Array.of(NaN),
    tickSizes: Float64Array.of(NaN),
    minNotionals: Float64Array.of(NaN),
    feesBps: Float64Array.of(NaN),
  });
});
