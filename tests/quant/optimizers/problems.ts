import fc from "fast-check";
import { createRng, type Rng } from "../../../src/base/rng.ts";
import type { Linkage } from "../../../src/quant/clustering/linkage.ts";
import { PROFILE_NAMES } from "../../../src/quant/optimizers/profiles.ts";
import type { AllocationProblem } from "../../../src/quant/optimizers/allocation_problem.ts";

/** A problem of given volatilities and correlation, without caps. */
export function plainProblem(
  volatilities: readonly number[],
  correlation = 0,
  mu: readonly number[] = volatilities,
): AllocationProblem {
  const n = volatilities.length;
  const data = Float64Array.from({ length: n * n }, (_, k) => {
    const i = Math.floor(k / n), j = k % n;
    return volatilities[i] * volatilities[j] * (i === j ? 1 : correlation);
  });
  return {
    mu: Float64Array.from(mu),
    covariance: { rows: n, cols: n, data },
    lower: new Float64Array(n),
    upper: new Float64Array(n).fill(1),
    riskFreeRate: 0,
    ...extrasOf(volatilities),
  };
}

/** What single profiles need besides: a market of the first asset, neutral to nobody, and a spread of scenarios. */
function extrasOf(volatilities: readonly number[]) {
  const n = volatilities.length;
  const T = 2 * n + 2;
  // Each asset falls and rises by its volatility once, by itself.
  const values = new Float64Array(T * n);
  volatilities.forEach((volatility, i) => {
    values[2 * i * n + i] = volatility;
    values[(2 * i + 1) * n + i] = -volatility;
  });
  return {
    betas: new Float64Array(n),
    scenarios: { values, T, N: n },
    market: Int32Array.of(0),
    barbell: { aggressors: Int32Array.of(0), share: 0.1 },
    quadrant: "CRISIS",
  } as const;
}

/** The profiles that optimise by the limits of their problem, in one piece. */
export const LIMITED_PROFILES = PROFILE_NAMES.filter((profile) =>
  !["market", "benchmark", "barbell"].includes(profile)
);

/** A tree whose leaves are in the order of the assets. */
export function orderedTree(n: number): Linkage {
  return {
    n,
    left: Int32Array.from({ length: n - 1 }, (_, k) => k === 0 ? 0 : n + k - 1),
    right: Int32Array.from({ length: n - 1 }, (_, k) => k + 1),
    heights: Float64Array.from({ length: n - 1 }, (_, k) => k + 1),
    sizes: Int32Array.from({ length: n - 1 }, (_, k) => k + 2),
  };
}

/** Problems of 1 to 20 assets with asset and group caps that bind, lower bounds, and covariances that are regular,
 * of fewer rows than assets, with twins, with near twins, with hedges or with a constant asset. */
export const anyProblem: fc.Arbitrary<AllocationProblem> = fc.integer({ min: 1, max: 1e9 })
  .map(randomProblem);

function randomProblem(seed: number): AllocationProblem {
  const rng = createRng(seed);
  const n = 1 + rng.below(20);
  const groupCount = 1 + rng.below(Math.min(n, 6));
  const pick = (...values: number[]) => values[rng.below(values.length)];
  const { covariance, scenarios } = randomMoments(rng, n);
  return {
    mu: Float64Array.from({ length: n }, () => 0.05 + 0.1 * rng.normal()),
    covariance,
    scenarios,
    betas: Float64Array.from({ length: n }, () => 0.04 * rng.next()),
    market: Int32Array.of(0),
    barbell: { aggressors: Int32Array.of(n - 1), share: 0.1 },
    quadrant: "STAGNATION",
    lower: new Float64Array(n).fill(pick(0, 0, 0.5 / n)),
    upper: new Float64Array(n).fill(Math.max(1 / n, pick(0.25, 0.1, 1, 2 / n))),
    groups: {
      labels: Int32Array.from({ length: n }, (_, i) => Math.floor(i * groupCount / n)),
      caps: new Float64Array(groupCount).fill(Math.max(1 / groupCount, pick(0.25, 0.4, 1))),
    },
    riskFreeRate: 0.02,
    linkage: orderedTree(n),
  };
}

function randomMoments(rng: Rng, n: number) {
  const T = rng.below(3) === 0 ? 2 + rng.below(n) : 2 * n + 50;
  const kind = rng.below(6);
  const columns = Array.from({ length: n }, () => {
    const volatility = 0.01 * Math.exp(0.5 * rng.normal());
    return Array.from({ length: T }, () => volatility * rng.normal());
  });
  if (kind === 0 && n > 1) columns[1] = columns[0];
  if (kind === 1 && n > 1) columns[1] = columns[0].map((value) => -value);
  if (kind === 2) columns[0].fill(0);
  if (kind === 3 && n > 1) columns[1] = columns[0].map((value) => value + 1e-8 * rng.normal());
  const data = Float64Array.from({ length: n * n }, (_, k) => {
    const a = columns[Math.floor(k / n)], b = columns[k % n];
    return 252 / T * a.reduce((sum, value, t) => sum + value * b[t], 0);
  });
  const values = Float64Array.from(
    { length: T * n },
    (_, k) => columns[k % n][Math.floor(k / n)],
  );
  return { covariance: { rows: n, cols: n, data }, scenarios: { values, T, N: n } };
}
