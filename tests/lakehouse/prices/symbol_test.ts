import { assertEquals, assertMatch, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { UserError } from "../../../src/base/errors.ts";
import {
  parseSymbol,
  priceTableName,
  symbolOfPriceTable,
} from "../../../src/lakehouse/prices/symbol.ts";

Deno.test("parseSymbol() accepts what markets call their assets", () => {
  const names = [
    "AAPL",
    "BRK.B",
    "BTC-USD",
    "^GSPC",
    "NASDAQ:AAPL",
    "ES1!",
    "EURUSD=X",
    "M&M",
    "SYN_BTC",
    "7203",
  ];
  for (const name of names) assertEquals(parseSymbol(name, "a file"), name);
});

Deno.test("parseSymbol() refuses hostile names and says which", () => {
  const names = [
    "",
    "../x",
    "a/b",
    "a\\b",
    "a\0b",
    "a\nb",
    "..",
    "__proto__",
    "<b>",
    "x".repeat(65),
    "a ",
  ];
  for (const name of names) {
    const error = assertThrows(() => parseSymbol(name, "prices.csv"), UserError, "prices.csv");
    if (name.length < 60) assertMatch(error.message, new RegExp(`Cannot use "`));
  }
  assertThrows(() => parseSymbol("../x", "prices.csv"), UserError, '"../x"');
});

Deno.test("priceTableName() joins exchange, ticker and interval", () => {
  assertEquals(priceTableName("NASDAQ:AAPL", "1d"), "NASDAQ_AAPL_1d");
  assertEquals(priceTableName("BRK.B", "1d"), "LOCAL_BRK.B_1d");
});

Deno.test("priceTableName() gives a safe name, and no two symbols the same one, whatever the case", () => {
  const symbol = fc.string({
    unit: fc.constantFrom(..."LOCALlocab_:.^é-"),
    minLength: 1,
    maxLength: 9,
  })
    .filter((text) => !/^[.:-]|^__|\.\./.test(text));
  fc.assert(fc.property(symbol, symbol, (a, b) => {
    const name = priceTableName(a, "1d");
    assertMatch(name, /^[A-Za-z0-9_.~-]+$/);
    if (a !== b) assertNotEquals(name.toUpperCase(), priceTableName(b, "1d").toUpperCase());
  }));
  assertNotEquals(priceTableName("LOCAL:A", "1d"), priceTableName("A", "1d"));
});

Deno.test("symbolOfPriceTable() tells the symbol of every price table, and of nothing else", () => {
  for (const symbol of ["AAPL", "NASDAQ:AAPL", "LOCAL:A", "^GSPC", "BRK.B", "X:a_é b", "BTC-USD"]) {
    assertEquals(symbolOfPriceTable(priceTableName(symbol, "1h"), "1h"), symbol);
    assertEquals(symbolOfPriceTable(priceTableName(symbol, "1h"), "1d"), undefined);
  }
  for (const name of ["symbols", "foundation_health", "A_b_1d", "A_~zz_1d", "A_B_C_1d", "~__1d"]) {
    assertEquals(symbolOfPriceTable(name, "1d"), undefined);
  }
});
