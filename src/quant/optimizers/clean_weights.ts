import { groupRoom, type WeightLimits } from "./weight_limits.ts";

/** A solver's raw weights put right to the last bits: within their bounds (no tiny negatives), groups within their
 * caps, and with sum 1. Zeros stay zero where others have room.
 * @param limits feasible ones */
export function cleanWeights(limits: WeightLimits, raw: Float64Array): Float64Array {
  const { lower, upper, labels, caps } = limits;
  const { floors } = groupRoom(limits);
  const weights = raw.map((weight, i) => Math.max(lower[i], Math.min(upper[i], weight)));
  const sums = new Float64Array(caps.length);
  weights.forEach((weight, i) => sums[labels[i]] += weight);
  const keep = sums.map((sum, g) => shrinkage(sum, caps[g], floors[g]));
  shrink(limits, weights, (i) => keep[labels[i]]);
  const total = sumOf(weights);
  const keepAll = shrinkage(total, 1, sumOf(lower));
  shrink(limits, weights, () => keepAll);
  if (total < 1) fill(limits, weights);
  return weights;
}

/** The share of what is above the floor that is kept so that a sum above its most comes down to it. */
function shrinkage(sum: number, most: number, floor: number): number {
  return sum > most ? Math.max(0, (most - floor) / (sum - floor)) : 1;
}

function shrink(
  { lower }: WeightLimits,
  weights: Float64Array,
  keepOf: (i: number) => number,
): void {
  weights.forEach((weight, i) => {
    const keep = keepOf(i);
    if (keep < 1) weights[i] = lower[i] + keep * (weight - lower[i]);
  });
}

/** Adds what is missing to 1 to the largest weights that have room. */
function fill({ upper, labels, caps }: WeightLimits, weights: Float64Array): void {
  const room = caps.slice();
  weights.forEach((weight, i) => room[labels[i]] -= weight);
  let missing = 1 - sumOf(weights);
  const largestFirst = Array.from(weights.keys()).sort((a, b) => weights[b] - weights[a] || a - b);
  for (const i of largestFirst) {
    if (missing <= 0) return;
    const amount = Math.max(0, Math.min(missing, upper[i] - weights[i], room[labels[i]]));
    weights[i] += amount;
    room[labels[i]] -= amount;
    missing -= amount;
  }
}

function sumOf(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
