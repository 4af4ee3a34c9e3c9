import { assertEquals, assertMatch, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { cacheKey } from "../../src/flow/cache_key.ts";
import { SharedValue } from "../../src/flow/shared_value.ts";

const keyOf = (...args: unknown[]) => cacheKey({ taskName: "task", codeHash: "code", args });

/** Plain data with all that parameters may hold. */
const parameter = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.double(),
    fc.string({ unit: "binary" }),
    fc.boolean(),
    fc.constantFrom(null, undefined),
    fc.bigInt(),
    fc.float64Array({ maxLength: 5 }),
    fc.uint8Array({ maxLength: 5 }),
    fc.date({ noInvalidDate: false }),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.string({ maxLength: 4 }), tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

function withReversedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withReversedKeys);
  if (typeof value !== "object" || value === null) return value;
  if (ArrayBuffer.isView(value) || value instanceof Date) return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([key, member]) => [key, withReversedKeys(member)]));
}

Deno.test("cacheKey() is 64 hexadecimal digits", () => {
  assertMatch(keyOf(1), /^[0-9a-f]{64}$/);
});

Deno.test("cacheKey() does not depend on the order of an object's members", () => {
  fc.assert(fc.property(parameter, (value) => {
    assertEquals(keyOf(value), keyOf(withReversedKeys(value)));
  }));
});

Deno.test("cacheKey() is equal for a structured clone", () => {
  fc.assert(fc.property(parameter, (value) => {
    assertEquals(keyOf(value), keyOf(structuredClone(value)));
  }));
});

Deno.test("cacheKey() tells values apart that look alike", () => {
  const alike: unknown[][] = [
    [1],
    ["1"],
    [1n],
    [true],
    [null],
    [undefined],
    [],
    [[]],
    [{}],
    [{ a: undefined }],
    [{ a: 1 }],
    [["a", 1]],
    [[1]],
    [1, 2],
    [[1, 2]],
    [[1], 2],
    ["ab", "c"],
    ["a", "bc"],
    [""],
    ["", ""],
    [0],
    [-0],
    [NaN],
    [Infinity],
    [-Infinity],
    [new Date(1)],
    [new Date(NaN)],
    [new Uint8Array([1])],
    [new Int8Array([1])],
    [new Float64Array([1])],
    [new Float64Array([1, 0])],
    [new Uint8Array([1]).buffer],
    ["\ud800"],
    ["\udfff"],
    ["\ufffd"],
    [new SharedValue(1)],
    [new SharedValue(2)],
  ];
  const keys = alike.map((args) => keyOf(...args));
  assertEquals(new Set(keys).size, alike.length);
});

Deno.test("cacheKey() depends on the task's name and on its code", () => {
  const base = { taskName: "a", codeHash: "b", args: [1] };
  assertNotEquals(cacheKey(base), cacheKey({ ...base, taskName: "b" }));
  assertNotEquals(cacheKey(base), cacheKey({ ...base, codeHash: "a" }));
  assertNotEquals(
    cacheKey({ ...base, taskName: "ab", codeHash: "" }),
    cacheKey({ ...base, taskName: "a", codeHash: "b" }),
  );
});

Deno.test("cacheKey() reads a view, not the buffer under it", () => {
  const whole = new Float64Array([9, 1, 2, 9]);
  assertEquals(keyOf(whole.subarray(1, 3)), keyOf(new Float64Array([1, 2])));
});

Deno.test("cacheKey() notices one changed bit of a large array", () => {
  const values = new Float64Array(100_000);
  const before = keyOf(values, "end");
  values[77_777] = Number.MIN_VALUE;
  assertNotEquals(keyOf(values, "end"), before);
});

Deno.test("cacheKey() counts a shared value by its hash alone", () => {
  assertEquals(keyOf(new SharedValue({ a: [1] })), keyOf(new SharedValue({ a: [1] })));
});

Deno.test("cacheKey() names the path of what has no content to hash", () => {
  assertThrows(
    () => keyOf(1, { fit: { f: () => 1 } }),
    TypeError,
    "Cannot make a cache key of a function at args[1].fit.f",
  );
  assertThrows(
    () => keyOf([new Map()]),
    TypeError,
    "Cannot make a cache key of an instance of Map at args[0][0]",
  );
});
