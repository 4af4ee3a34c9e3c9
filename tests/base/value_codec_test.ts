import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { decodeValue, encodeValue } from "../../src/base/value_codec.ts";

Deno.test("encodeValue() keeps what JSON loses: NaN, infinities, undefined, bigint, dates and typed arrays", () => {
  const value = {
    nan: NaN,
    infinity: -Infinity,
    nothing: undefined,
    big: 2n ** 60n,
    date: new Date(86_400_000),
    series: new Float64Array([0.1, NaN, -0]),
    labels: new Int32Array([1, -1]),
    bytes: new Uint8Array([1, 2, 3]),
  };
  const decoded = decodeValue(encodeValue(value)) as typeof value;
  assertEquals({ ...decoded, bytes: [...decoded.bytes] }, { ...value, bytes: [1, 2, 3] } as never);
  assertEquals(Object.is(decoded.series[2], -0), true);
});

Deno.test("encodeValue() and decodeValue() are inverse on JSON values", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const plain = JSON.parse(JSON.stringify(value));
    fc.pre(!Object.is(plain, -0) && !JSON.stringify(plain).includes('"__proto__":'));
    assertEquals(decodeValue(encodeValue(plain)), plain);
  }));
});

Deno.test("encodeValue() gives equal bytes for equal values", () => {
  const make = () => ({ a: [1, 2.5, "x"], b: new Float64Array(10).fill(1 / 3) });
  assertEquals(encodeValue(make()), encodeValue(make()));
});

Deno.test("encodeValue() refuses what has no bytes of its own and names where it is", () => {
  assertThrows(
    () => encodeValue({ a: [() => 1] }),
    TypeError,
    "Cannot encode a function at value.a[0]",
  );
  assertThrows(
    () => encodeValue(new Map()),
    TypeError,
    "Cannot encode an instance of Map at value",
  );
  assertThrows(
    () => encodeValue({ x: Symbol("s") }),
    TypeError,
    "Cannot encode a symbol at value.x",
  );
  const named = JSON.parse('{"a":[{"__proto__":{}}]}');
  assertThrows(() => encodeValue(named), TypeError, "a key named __proto__ at value.a[0]");
  const endless: unknown[] = [];
  endless.push(endless);
  assertThrows(() => encodeValue(endless), TypeError, "nested deeper than");
});
