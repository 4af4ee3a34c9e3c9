import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { meanTradedValues } from "../../../src/quant/selection/mean_traded_values.ts";

const TRADED = {
  timestampsS: Float64Array.of(10, 20, 30, 40),
  symbols: ["A", "B"],
  values: Float64Array.of(1, 8, 3, NaN, 5, 2, 100, 100),
};

Deno.test("meanTradedValues() averages the bars of the span that are known, in the order wanted", () => {
  assertEquals([...meanTradedValues(TRADED, ["B", "A", "C"], 10, 30)], [5, 3, NaN]);
  assertEquals([...meanTradedValues(TRADED, ["A", "B"], 20, 20)], [3, NaN]);
});

Deno.test("meanTradedValues() looks at nothing outside of the span", () => {
  fc.assert(fc.property(fc.double({ min: 0, noNaN: true }), (value) => {
    const values = TRADED.values.slice();
    values.fill(value, 6);
    values.fill(value, 0, 2);
    assertEquals([...meanTradedValues({ ...TRADED, values }, ["A"], 20, 30)], [4]);
  }));
});
