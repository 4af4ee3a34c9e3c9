import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { decodeObject, encodeObject } from "../../src/base/object_codec.ts";
import { encodePlain } from "../../src/base/value_codec.ts";

Deno.test("encodeObject() and decodeObject() are inverse on values with typed arrays anywhere", () => {
  const arrays = fc.oneof(
    fc.float64Array({ maxLength: 300 }),
    fc.int32Array({ maxLength: 600 }),
    fc.uint8Array({ maxLength: 2000 }).map((bytes) => new Uint8Array(bytes)),
    fc.bigInt64Array({ maxLength: 200 }),
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      arrays,
      fc.integer(),
      fc.string(),
      fc.constant(null),
      tie("list"),
      tie("record"),
    ),
    list: fc.array(tie("tree"), { maxLength: 4 }),
    record: fc.dictionary(fc.string().filter((key) => key !== "__proto__"), tie("tree"), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
  }));
  fc.assert(fc.property(tree, (value) => {
    const object = encodeObject(value);
    assertEquals(normal(decodeObject(object)), normal(value));
    assertEquals(encodeObject(value), object);
  }));
});

/** Small byte arrays come back with a property of the decoder's own: compared by their content. */
function normal(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return [value.constructor.name, ...value as Uint8Array];
  if (Array.isArray(value)) return value.map(normal);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, normal(member)]));
}

Deno.test("encodeObject() leaves the value as it was, shared arrays included", () => {
  const series = new Float64Array(1000).fill(0.5);
  const value = { a: [series, { series }], b: 1 };
  encodeObject(value);
  assertEquals(value, { a: [series, { series }], b: 1 });
});

Deno.test("decodeObject() gives views of aligned bytes, and copies of others", () => {
  const object = encodeObject({ x: new Float64Array(1000).fill(2) });
  const views = decodeObject(object) as { x: Float64Array };
  assertEquals([views.x.buffer === object.buffer, views.x.byteOffset % 64], [true, 0]);
  const shifted = new Uint8Array(object.length + 1);
  shifted.set(object, 1);
  assertEquals(decodeObject(shifted.subarray(1)), { x: new Float64Array(1000).fill(2) });
});

Deno.test("decodeObject() refuses bytes that are no object", () => {
  assertThrows(() => decodeObject(new Uint8Array(3)), TypeError, "does not begin with TWB1");
  assertThrows(() => decodeObject(new Uint8Array(100)), TypeError, "does not begin with TWB1");
});

Deno.test("decodeObject() refuses what would reach a prototype, or an array outside of the object", () => {
  const withHeader = (placements: unknown[]) => {
    const header = encodePlain({ value: { a: null }, placements });
    const object = new Uint8Array(1_024);
    object.set(new TextEncoder().encode("TWB1"));
    new DataView(object.buffer).setUint32(4, header.byteLength, true);
    object.set(header, 8);
    return object;
  };
  const good = { type: "Float64Array", offset: 0, length: 2, path: ["a"] };
  assertEquals(decodeObject(withHeader([good])), { a: new Float64Array(2) });
  for (
    const bad of [
      { path: ["__proto__", "polluted"] },
      { path: ["constructor", "prototype", "polluted"] },
      { path: ["b"] },
      { type: "toString" },
      { length: 1e9 },
      { length: -1 },
      { offset: -64 },
      { offset: 1e12 },
    ]
  ) {
    assertThrows(() => decodeObject(withHeader([{ ...good, ...bad }])), TypeError, "Cannot read");
  }
  assertEquals(({} as Record<string, unknown>).polluted, undefined);
});
