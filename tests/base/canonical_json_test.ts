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

/** The doubles of RFC 8785, appendix B, by their bits. */
const NUMBERS: readonly [bits: string, text: string][] = [
  ["0000000000000000", "0"],
  ["8000000000000000", "0"],
  ["0000000000000001", "5e-324"],
  ["8000000000000001", "-5e-324"],
  ["7fefffffffffffff", "1.7976931348623157e+308"],
  ["ffefffffffffffff", "-1.7976931348623157e+308"],
  ["4340000000000000", "9007199254740992"],
  ["c340000000000000", "-9007199254740992"],
  ["4430000000000000", "295147905179352830000"],
  ["44b52d02c7e14af5", "9.999999999999997e+22"],
  ["44b52d02c7e14af6", "1e+23"],
  ["44b52d02c7e14af7", "1.0000000000000001e+23"],
  ["444b1ae4d6e2ef4e", "999999999999999700000"],
  ["444b1ae4d6e2ef4f", "999999999999999900000"],
  ["444b1ae4d6e2ef50", "1e+21"],
  ["3eb0c6f7a0b5ed8c", "9.999999999999997e-7"],
  ["3eb0c6f7a0b5ed8d", "0.000001"],
  ["41b3de4355555553", "333333333.3333332"],
  ["41b3de4355555554", "333333333.33333325"],
  ["41b3de4355555555", "333333333.3333333"],
  ["41b3de4355555556", "333333333.3333334"],
  ["41b3de4355555557", "333333333.33333343"],
  ["becbf647612f3696", "-0.0000033333333333333333"],
  ["43143ff3c1cb0959", "1424953923781206.2"],
];

Deno.test("canonicalJson() writes the numbers of RFC 8785, appendix B, and refuses its NaN and infinity", () => {
  const doubleOf = (bits: string) => new DataView(Uint8Array.fromHex(bits).buffer).getFloat64(0);
  for (const [bits, text] of NUMBERS) assertEquals(canonicalJson(doubleOf(bits)), text, bits);
  for (const bits of ["7fffffffffffffff", "7ff0000000000000"]) {
    assertThrows(() => canonicalJson(doubleOf(bits)), TypeError, "Cannot write");
  }
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
