import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { canonicalJson } from "../../src/base/canonical_json.ts";

Deno.test("canonicalJson() writes the example of RFC 8785, section 3.2.2", () => {
  const value = {
    numbers: [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
    string: "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"/",
    literals: [null, true, false],
  };
  assertEquals(
    canonicalJson(value),
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
      '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
});

Deno.test("canonicalJson() sorts keys by UTF-16 code units, as in RFC 8785, section 3.2.3", () => {
  const value = {
    "\u20ac": "Euro Sign",
    "\r": "Carriage Return",
    "\ufb33": "Hebrew Letter Dalet With Dagesh",
    "1": "One",
    "\u{1F600}": "Emoji: Grinning Face",
    "\u0080": "Control",
    "\u00f6": "Latin Small Letter O With Diaeresis",
  };
  assertEquals(Object.values(JSON.parse(canonicalJson(value))), [
    "One", // integer-like keys come first in any JavaScript object: the text itself is checked below
    "Carriage Return",
    "Control",
    "Latin Small Letter O With Diaeresis",
    "Euro Sign",
    "Emoji: Grinning Face",
    "Hebrew Letter Dalet With Dagesh",
  ]);
  assertEquals(
    canonicalJson(value).startsWith('{"\\r":"Carriage Return","1":"One","\u0080"'),
    true,
  );
});

Deno.test("canonicalJson() is the same whatever the order of keys, and reads back as the value", () => {
  fc.assert(fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
    const wellFormed = JSON.parse(JSON.stringify(value));
    fc.pre(
      JSON.stringify(wellFormed).isWellFormed() && !/\\ud[89a-f]/i.test(JSON.stringify(wellFormed)),
    );
    const text = canonicalJson(wellFormed);
    assertEquals(JSON.parse(text), wellFormed);
    assertEquals(canonicalJson(reversed(wellFormed)), text);
  }));
});

Deno.test("canonicalJson() refuses what JSON cannot hold and names where it is", () => {
  assertThrows(
    () => canonicalJson({ a: [1, NaN] }),
    TypeError,
    "Cannot write NaN as JSON at $.a[1]",
  );
  assertThrows(
    () => canonicalJson({ a: undefined }),
    TypeError,
    "Cannot write undefined as JSON at $.a",
  );
  assertThrows(() => canonicalJson(["\ud800"]), TypeError, "lone surrogate");
  assertThrows(() => canonicalJson({ "\udfff": 1 }), TypeError, "lone surrogate");
  assertThrows(() => canonicalJson([1n]), TypeError, "Cannot write bigint as JSON at $[0]");
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).reverse().map(([key, member]) => [key, reversed(member)]),
  );
}
