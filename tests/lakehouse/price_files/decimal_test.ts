import { assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { parseDecimal } from "../../../src/lakehouse/price_files/decimal.ts";

function parse(text: string): number | undefined {
  const bytes = new TextEncoder().encode(`,${text},`);
  return parseDecimal(bytes, 1, bytes.length - 1);
}

Deno.test("parseDecimal() gives the same double as the language for every finite number", () => {
  fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
    // The text of -0 is "0".
    assertStrictEquals(parse(String(value)), value + 0);
  }));
  fc.assert(fc.property(fc.nat(1e9), fc.nat(22), (digits, decimals) => {
    const text = `${digits}.${"123456789012345678901".slice(0, decimals)}`;
    assertStrictEquals(parse(text), Number(text));
  }));
});

Deno.test("parseDecimal() tells holes and infinities from text", () => {
  assertEquals(parse(""), NaN);
  assertEquals(parse("NaN"), NaN);
  assertEquals(parse("-inf"), -Infinity);
  assertEquals(parse("Infinity"), Infinity);
  const texts = [
    "abc",
    "1,5",
    "0x10",
    ".",
    "-",
    "1e",
    "1.2.3",
    "$5",
    "1_000",
    "12 3",
    "9".repeat(500),
  ];
  for (const text of texts) assertEquals(parse(text), undefined, text);
});
