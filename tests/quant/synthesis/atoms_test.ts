import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { createRng } from "../../../src/base/rng.ts";
import type { Panel } from "../../../src/quant/panel.ts";
import { type Atom, type Logic, LOGICS, makeAtoms } from "../../../src/quant/synthesis/atom.ts";
import { atomPosition, atomReturn } from "../../../src/quant/synthesis/position.ts";
import { flattenAtoms, replayAtoms } from "../../../src/quant/synthesis/replay_atoms.ts";

const ROWS = 60;
const SYMBOLS = ["A", "B", "C"];
const ASSETS = SYMBOLS.map((symbol, column) => ({
  symbol,
  column,
  direction: column === 1 ? "SHORT" as const : "LONG" as const,
}));
const ATOMS = makeAtoms(ASSETS, LOGICS, [3, 20]);

function randomPanel(seed: number): Panel {
  const rng = createRng(seed);
  return panelOf(Float64Array.from({ length: ROWS * 3 }, () => 0.001 + 0.02 * rng.normal()));
}

function panelOf(values: Float64Array, symbols: readonly string[] = SYMBOLS): Panel {
  const rows = values.length / symbols.length;
  return { timestampsS: Float64Array.from({ length: rows }, (_, t) => t), symbols, values };
}

function atom(logic: Logic, direction: "LONG" | "SHORT" = "LONG", timescale = 3): Atom {
  return { name: "", column: 0, logic, direction, timescale };
}

Deno.test("makeAtoms() names every asset with every logic at every timescale, raw once", () => {
  assertEquals(
    makeAtoms([ASSETS[1]], ["raw", "trend"], [5, 20]).map(({ name }) => name),
    ["B_raw_SHORT_0b", "B_trend_SHORT_5b", "B_trend_SHORT_20b"],
  );
  assertEquals(ATOMS.length, 3 * (3 * 2 + 1));
  assertThrows(() => makeAtoms(ASSETS, ["raw"], [1]), RangeError, "it is 1");
});

Deno.test("atomPosition() follows the rows before and not the row itself", () => {
  const panel = panelOf(Float64Array.from([0.1, -0.2, 0.05, 0.9, -0.01]), ["A"]);
  // 1.1 · 0.8 · 1.05 = 0.924: down. Prices after the first row: 1, 0.8, 0.84, of mean 0.88: below it.
  assertEquals(atomPosition(panel, atom("momentum"), 3), -1);
  assertEquals(atomPosition(panel, atom("reversion"), 3), 1);
  assertEquals(atomPosition(panel, atom("trend"), 3), 0);
  assertEquals(atomPosition(panel, atom("trend"), 4), 1);
  assertEquals(atomPosition(panel, atom("raw", "LONG", 0), 0), 1);
  assertEquals(atomPosition(panel, atom("momentum"), 2), 0);
  // The position after the last row, for a decision today.
  assertEquals(atomPosition(panel, atom("momentum"), 5), 1);
});

Deno.test("SHORT takes the opposite position and earns the opposite return", () => {
  const panel = randomPanel(1);
  fc.assert(fc.property(fc.constantFrom(...LOGICS), fc.nat(ROWS - 1), (logic, row) => {
    const long = atomReturn(panel, atom(logic, "LONG"), row);
    const short = atomReturn(panel, atom(logic, "SHORT"), row);
    assertAlmostEquals(short + long, 0, 0);
  }));
});

Deno.test("what atoms earn out of sample equals what they earn in sample on the rows that both have", () => {
  const range = fc.tuple(fc.nat(ROWS), fc.nat(ROWS)).map(([a, b]) => ({
    from: Math.min(a, b),
    to: Math.max(a, b),
  }));
  fc.assert(fc.property(fc.nat(), range, range, (seed, train, test) => {
    const panel = randomPanel(seed);
    const inSample = replayAtoms(panel, ATOMS, train);
    const outOfSample = replayAtoms(panel, ATOMS, test);
    const n = ATOMS.length;
    for (let row = Math.max(train.from, test.from); row < Math.min(train.to, test.to); row++) {
      assertEquals(
        outOfSample.subarray((row - test.from) * n, (row - test.from + 1) * n),
        inSample.subarray((row - train.from) * n, (row - train.from + 1) * n),
      );
    }
  }));
});

Deno.test("no row from the decision on moves a position, and none earlier than the timescale does", () => {
  fc.assert(fc.property(
    fc.nat(),
    fc.constantFrom(...ATOMS),
    fc.nat(ROWS),
    fc.oneof(fc.constant(NaN), fc.double({ min: -0.9, max: 5, noNaN: true })),
    (seed, chosen, row, value) => {
      const panel = randomPanel(seed);
      const values = panel.values.slice();
      values.fill(value, row * 3);
      values.fill(value, 0, Math.max(0, row - chosen.timescale) * 3);
      assertEquals(
        atomPosition({ ...panel, values }, chosen, row),
        atomPosition(panel, chosen, row),
      );
    },
  ));
});

Deno.test("weights of atoms flatten to weights of assets that earn the same", () => {
  const weights = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), {
    minLength: ATOMS.length,
    maxLength: ATOMS.length,
  });
  fc.assert(fc.property(fc.nat(), weights, fc.nat(ROWS - 1), (seed, list, row) => {
    const panel = randomPanel(seed);
    const flat = flattenAtoms(panel, ATOMS, Float64Array.from(list), row);
    const byAssets = flat.reduce((sum, weight, i) => sum + weight * panel.values[row * 3 + i], 0);
    const returns = replayAtoms(panel, ATOMS, { from: row, to: row + 1 });
    const byAtoms = list.reduce((sum, weight, k) => sum + weight * returns[k], 0);
    assertAlmostEquals(byAssets, byAtoms, 1e-12);
  }));
});

Deno.test("an atom waits in cash while a row that it looks at is missing", () => {
  const values = randomPanel(2).values.slice();
  values[10 * 3] = NaN;
  const panel = panelOf(values);
  const positions = Array.from(
    { length: 5 },
    (_, k) => atomPosition(panel, atom("momentum"), 10 + k),
  );
  assertEquals(positions.map((position) => position !== 0), [true, false, false, false, true]);
  assert(Number.isNaN(atomReturn(panel, atom("raw"), 10)));
});

Deno.test("replayAtoms() and flattenAtoms() refuse rows and weights that do not fit", () => {
  const panel = randomPanel(3);
  const rows = { from: 0, to: ROWS + 1 };
  assertThrows(
    () => replayAtoms(panel, ATOMS, rows),
    RangeError,
    "rows 0 to 61 of a panel with 60",
  );
  assertThrows(
    () => flattenAtoms(panel, ATOMS, new Float64Array(2), 5),
    RangeError,
    "Cannot flatten 2 weights: there are 21 atoms",
  );
});

Deno.test("a price that is back where it was has no momentum, whatever the rounding of its returns", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 100, max: 999 }), { minLength: 2, maxLength: 2 }),
      ([a, b]) => {
        const prices = [7, a, b, 7];
        const returns = Float64Array.from({ length: 3 }, (_, t) => prices[t + 1] / prices[t] - 1);
        assertEquals(atomPosition(panelOf(returns, ["A"]), atom("momentum"), 3), 0);
      },
    ),
  );
});
