import { assertAlmostEquals, assertEquals } from "@std/assert";
import { SERIES_COLOURS } from "../../../src/report/charts/palette.ts";
import { leadingSymbols, weightBands } from "../../../src/report/charts/weight_bands.ts";

const symbols = Array.from({ length: 12 }, (_, i) => `S${i}`);
/** S0 is the largest; S11 is never held. */
const row = symbols.map((_, i) => (11 - i) / 66);
const weights = { testStartsS: [0, 1], symbols, rows: [row, row] };

Deno.test("weightBands() shows the eight largest symbols and the rest together", () => {
  const bands = weightBands(weights, leadingSymbols([weights]));
  assertEquals(bands.map(({ label }) => label), [
    "S0",
    "S1",
    "S2",
    "S3",
    "S4",
    "S5",
    "S6",
    "S7",
    "3 other",
  ]);
  assertAlmostEquals(bands.at(-1)?.last ?? NaN, (3 + 2 + 1) / 66, 1e-15);
});

Deno.test("weightBands() adds up to the weights of each window", () => {
  const bands = weightBands(weights, []);
  const sum = bands.reduce((total, { values }) => total + (values[1] ?? 0), 0);
  assertAlmostEquals(sum, 1, 1e-14);
});

Deno.test("weightBands() gives shared symbols their shared place and no place twice", () => {
  const bands = weightBands(weights, ["X", "S5", "Y"]);
  const slots = new Map(bands.map(({ label, slot }) => [label, slot]));
  assertEquals(slots.get("S5"), 1);
  assertEquals(slots.get("3 other"), SERIES_COLOURS);
  assertEquals(new Set(slots.values()).size, bands.length);
});

Deno.test("weightBands() counts a window without a solution as no holdings", () => {
  const [band] = weightBands({ testStartsS: [0, 1], symbols: ["A"], rows: [[NaN], [1]] }, []);
  assertEquals(band?.values, [0, 1]);
  assertEquals(band?.mean, 0.5);
});
