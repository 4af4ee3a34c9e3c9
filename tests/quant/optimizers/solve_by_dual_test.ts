import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { createRng } from "../../../src/base/rng.ts";
import { loadQpSolver, type QuadraticProgram } from "../../../src/quant/optimizers/qp_solver.ts";
import { solveByDual } from "../../../src/quant/optimizers/solve_by_dual.ts";

const solver = await loadQpSolver();

Deno.test("solveByDual() finds the vertex, and what each row holds the objective up by", () => {
  // min −3x − 2y over x + y <= 4, x + 3y <= 6, 0 <= x <= 3, y >= 0: x = 3, y = 1, costs −11.
  const program: QuadraticProgram = {
    linear: Float64Array.of(-3, -2),
    lower: new Float64Array(2),
    upper: Float64Array.of(3, Infinity),
    rows: [
      { indices: [0, 1], values: [1, 1], lower: -Infinity, upper: 4 },
      { indices: [0, 1], values: [1, 3], lower: -Infinity, upper: 6 },
    ],
  };
  const found = solveByDual(program, 2, solver);
  assert(found !== undefined);
  // Both rows and the bound of x meet there: the costs are shared among them in more than one way.
  assertAlmostEquals(found.x[0], 3, 1e-9);
  assertAlmostEquals(found.x[1], 1, 1e-9);
  assert(found.rowDuals.every((dual) => dual <= 1e-9));
});

Deno.test("solveByDual() folds slacks into bounds, and tells of the wanted variables alone", () => {
  // min x + 5s over x + s >= 2, x <= 1.5, s >= 0.
  const found = solveByDual(
    {
      linear: Float64Array.of(1, 5),
      lower: Float64Array.of(-Infinity, 0),
      upper: Float64Array.of(1.5, Infinity),
      rows: [{ indices: [0, 1], values: [1, 1], lower: 2, upper: Infinity }],
    },
    1,
    solver,
  );
  assertEquals(found?.x.length, 1);
  assertAlmostEquals(found?.x[0] ?? NaN, 1.5, 1e-9);
  assertAlmostEquals(found?.rowDuals[0] ?? NaN, 5, 1e-9);
});

Deno.test("solveByDual() has no solution of a program that is infeasible or unbounded", () => {
  const one = { linear: Float64Array.of(1), upper: Float64Array.of(1), rows: [] };
  const row = { indices: [0], values: [1], lower: 2, upper: Infinity };
  const infeasible = { ...one, lower: Float64Array.of(0), rows: [row] };
  assertEquals(solveByDual(infeasible, 1, solver), undefined);
  assertEquals(solveByDual({ ...one, lower: Float64Array.of(-Infinity) }, 1, solver), undefined);
});

Deno.test("solveByDual() costs what the solver's own way costs, on programs with sides of all kinds", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), (seed) => {
      const program = randomProgram(seed);
      const n = program.linear.length;
      const direct = solver.solve(program), dual = solveByDual(program, n, solver);
      assertEquals(dual === undefined, direct === undefined);
      if (direct === undefined || dual === undefined) return;
      const cost = (x: Float64Array) => x.reduce((sum, v, i) => sum + v * program.linear[i], 0);
      assertAlmostEquals(cost(dual.x), cost(direct.x), 1e-7);
      assert(violation(program, dual.x) < 1e-8);
    }),
    { numRuns: 200, seed: 21 },
  );
});

/** Programs around a point that is feasible: bounds of all kinds, and rows with one side, two, or two equal ones. */
function randomProgram(seed: number): QuadraticProgram {
  const rng = createRng(seed);
  const n = 1 + rng.below(6);
  const inside = Array.from({ length: n }, () => rng.normal());
  const sides = (value: number) => {
    const kind = rng.below(4);
    return {
      lower: kind === 0 ? -Infinity : value - (kind === 1 ? 0 : rng.next()),
      upper: kind === 1 ? value : kind === 2 ? Infinity : value + rng.next(),
    };
  };
  const bounds = inside.map((value, i) => {
    if (rng.below(3) > 0) return sides(value);
    inside[i] = Math.abs(value);
    return { lower: 0, upper: rng.below(2) === 0 ? Infinity : inside[i] + rng.next() };
  });
  const all = Array.from({ length: n }, (_, i) => i);
  return {
    linear: Float64Array.from(inside, () => rng.normal()),
    lower: Float64Array.from(bounds, ({ lower }) => lower),
    upper: Float64Array.from(bounds, ({ upper }) => upper),
    rows: Array.from({ length: 1 + rng.below(5) }, () => {
      const values = all.map(() => rng.normal());
      const value = values.reduce((sum, v, i) => sum + v * inside[i], 0);
      return { indices: all, values, ...sides(value) };
    }),
  };
}

function violation({ lower, upper, rows }: QuadraticProgram, x: Float64Array): number {
  const ofRows = rows.map((row) => {
    const value = row.indices.reduce((sum, i, k) => sum + row.values[k] * x[i], 0);
    return Math.max(row.lower - value, value - row.upper);
  });
  const ofBounds = Array.from(x, (value, i) => Math.max(lower[i] - value, value - upper[i]));
  return Math.max(...ofRows, ...ofBounds);
}
