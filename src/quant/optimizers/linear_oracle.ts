import { groupRoom, type WeightLimits } from "./weight_limits.ts";

/** The portfolio of least gᵀw within feasible limits. Exact: the cheapest assets are filled first, since
 * disjoint groups make the limits a polymatroid, over which greed is optimal.
 * @returns n weights, a vertex; ties go to the lower index
 * Source: Edmonds (1970), "Submodular functions, matroids, and certain polyhedra". */
export function minimiseLinear(gradient: Float64Array, limits: WeightLimits): Float64Array {
  const { n, lower, upper, labels, caps } = limits;
  const { floors } = groupRoom(limits);
  const weights = lower.slice();
  const groupSlack = caps.map((cap, g) => cap - floors[g]);
  let slack = 1;
  for (const bound of lower) slack -= bound;
  const cheapestFirst = Int32Array.from({ length: n }, (_, i) => i)
    .sort((a, b) => gradient[a] - gradient[b] || a - b);
  for (const i of cheapestFirst) {
    const amount = Math.max(0, Math.min(slack, upper[i] - lower[i], groupSlack[labels[i]]));
    weights[i] += amount;
    groupSlack[labels[i]] -= amount;
    slack -= amount;
  }
  return weights;
}

/** The Frank–Wolfe gap gᵀw − min gᵀv: zero exactly where w satisfies the first-order (KKT) conditions of a
 * function with gradient g, and for a convex one an upper bound on how far it is above its minimum.
 * Source: Jaggi (2013), "Revisiting Frank-Wolfe". */
export function firstOrderGap(
  gradient: Float64Array,
  weights: Float64Array,
  limits: WeightLimits,
): number {
  const best = minimiseLinear(gradient, limits);
  let gap = 0;
  for (let i = 0; i < limits.n; i++) gap += gradient[i] * (weights[i] - best[i]);
  return Math.max(0, gap);
}
