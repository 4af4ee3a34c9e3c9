import { assertEquals } from "@std/assert";
import { parse } from "@std/jsonc";
import fc from "fast-check";
import { lineAndColumn, locateJsonc } from "../../src/base/jsonc_places.ts";

const TEXT = `{
  // "a": not a key
  "a": [1, "x\\"]", {"b": true}], /* "b": */
  "c" : { "d": null, },
}`;

Deno.test("locateJsonc() finds keys and values past comments, strings and trailing commas", () => {
  const places = locateJsonc(TEXT);
  const shown = (offset: number) =>
    `${lineAndColumn(TEXT, offset)} ${TEXT.slice(offset, offset + 4)}`;
  assertEquals(shown(places.keyAt(["a"])), '3:3 "a":');
  assertEquals(shown(places.valueAt(["a", 1])), '3:12 "x\\"');
  assertEquals(shown(places.valueAt(["a", 2, "b"])), "3:26 true");
  assertEquals(shown(places.keyAt(["c"])), '4:3 "c" ');
  assertEquals(shown(places.valueAt(["c", "d"])), "4:16 null");
});

Deno.test("locateJsonc() gives the nearest ancestor of what is not there", () => {
  const places = locateJsonc(TEXT);
  assertEquals(places.valueAt(["c", "x", "y"]), places.valueAt(["c"]));
});

Deno.test("locateJsonc() lists keys that stand twice in one object, and no others", () => {
  const places = locateJsonc('{"a": 1, "b": {"a": 2}, "a": 3}');
  assertEquals(places.repeatedKeys, [{ path: ["a"], offset: 24, firstOffset: 1 }]);
});

Deno.test("locateJsonc() points at text that parses to the value of its path", () => {
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 }), (value) => {
    const text = JSON.stringify(value, null, 1);
    const places = locateJsonc(text);
    for (const [key, member] of Object.entries(JSON.parse(text))) {
      const start = places.valueAt([key]);
      const own = JSON.stringify(member, null, 1).replaceAll("\n", "\n ");
      assertEquals(text.slice(start, start + own.length), own);
      assertEquals(
        parse(text.slice(start, start + own.length)),
        member as ReturnType<typeof parse>,
      );
    }
  }));
});
