import { assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { allocateSleeves, META_PROFILE_NAMES } from "../../../src/quant/meta/allocate_sleeves.ts";
import { loadQpSolver } from "../../../src/quant/optimizers/qp_solver.ts";

const solver = await loadQpSolver();
const SETTINGS = { periodsPerYear: 252, minWeight: 0.05, maxWeight: 0.5, riskFreeRate: 0 };

/** T × N returns of sleeves that share a market. */
function panel(N: number, T: number, seed: number): Float64Array {
  let state = seed + 1;
  const next = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647 - 0.5;
  };
  const values = new Float64Array(T * N);
  for (let t = 0; t < T; t++) {
    const market = next() * 0.02;
    for (let i = 0; i < N; i++) values[t * N + i] = market + next() * 0.01 * (i + 1) + 0.0004;
  }
  return values;
}

Deno.test("two uncorrelated sleeves under hrp are weighted by inverse variance", () => {
  // Deviations of 1 and 2 in turns that cancel: variances 1 and 4, covariance 0.
  const values = new Float64Array(400);
  for (let t = 0; t < 200; t++) {
    values[2 * t] = t % 2 === 0 ? 0.01 : -0.01;
    values[2 * t + 1] = t % 4 < 2 ? 0.02 : -0.02;
  }
  const bounds = { ...SETTINGS, minWeight: 0, maxWeight: 1 };
  const allocation = allocateSleeves({ values, T: 200, N: 2 }, "hrp", bounds, solver);
  if (allocation.status === "infeasible") throw new Error(allocation.reason);
  // Ledoit and Wolf shrink the two variances towards their mean.
  assertAlmostEquals(allocation.weights[0], 0.8, 0.02);
  const limited = allocateSleeves({ values, T: 200, N: 2 }, "hrp", SETTINGS, solver);
  if (limited.status === "infeasible") throw new Error(limited.reason);
  assertEquals([...limited.weights], [0.5, 0.5]);
});

Deno.test("sleeve weights of every profile sum to 1 within their bounds, whatever the number of sleeves", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 7 }), fc.nat(1000), (N, seed) => {
      const window = { values: panel(N, 80, seed), T: 80, N };
      for (const profile of META_PROFILE_NAMES) {
        const allocation = allocateSleeves(window, profile, SETTINGS, solver);
        if (allocation.status === "infeasible") throw new Error(`${profile}: ${allocation.reason}`);
        const { weights } = allocation;
        assertAlmostEquals(weights.reduce((sum, weight) => sum + weight, 0), 1, 1e-9, profile);
        const least = Math.min(0.05, 1 / N), most = Math.max(0.5, 1 / N);
        for (const weight of weights) {
          if (weight < least - 1e-9 || weight > most + 1e-9) {
            throw new Error(`${profile} gives ${weight} to one of ${N} sleeves`);
          }
        }
      }
    }),
    { numRuns: 20 },
  );
});

Deno.test("a sleeve that only held cash, without any variance, gets a weight within its bounds", () => {
  const values = panel(3, 80, 5);
  for (let t = 0; t < 80; t++) values[3 * t + 1] = 0;
  for (const profile of META_PROFILE_NAMES) {
    const allocation = allocateSleeves({ values, T: 80, N: 3 }, profile, SETTINGS, solver);
    if (allocation.status === "infeasible") throw new Error(`${profile}: ${allocation.reason}`);
    const [, cash] = allocation.weights;
    assertEquals(cash >= 0.05 - 1e-9 && cash <= 0.5 + 1e-9, true, `${profile}: ${cash}`);
  }
});
