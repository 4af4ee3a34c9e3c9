import { type CertifiedWeights, certify } from "./certified_qp.ts";
import { firstOrderGap } from "./linear_oracle.ts";
import { dot } from "./quadratic_form.ts";
import { LIMIT_TOLERANCE, limitViolation, type WeightLimits } from "./weight_limits.ts";

/** Halvings of an interval of levels: to its last bit. */
const BISECTIONS = 100;

/** The portfolio nearest to 1/n (least squares) within feasible limits: 1/n itself, exactly, where these allow it.
 * Otherwise every asset is at a common level, moved into its own bounds, and a group above its cap at a lower level
 * of its own; both kinds of level are found by bisection. */
export function equalWeight(limits: WeightLimits): CertifiedWeights {
  const { n, caps } = limits;
  const equal = new Float64Array(n).fill(1 / n);
  if (limitViolation(limits, equal) <= LIMIT_TOLERANCE) return { weights: equal, kktResidual: 0 };
  const groupLevels = caps.map((cap, g) =>
    bisect((level) => sumAtLevels(limits, (group) => group === g ? level : undefined) <= cap)
  );
  const levelsAt = (level: number) => (group: number) => Math.min(level, groupLevels[group]);
  const level = bisect((candidate) => sumAtLevels(limits, levelsAt(candidate)) <= 1);
  return certify(
    limits,
    atLevels(limits, levelsAt(level)),
    (w) => firstOrderGap(w.map((weight) => weight - 1 / n), w, limits) / dot(w, w),
  );
}

/** The highest level in [0, 1] that is low enough: 1 when all are. */
function bisect(isLowEnough: (level: number) => boolean): number {
  if (isLowEnough(1)) return 1;
  let low = 0, high = 1;
  for (let k = 0; k < BISECTIONS; k++) {
    const middle = (low + high) / 2;
    if (isLowEnough(middle)) low = middle;
    else high = middle;
  }
  return low;
}

function atLevels(
  { lower, upper, labels }: WeightLimits,
  levelOf: (group: number) => number,
): Float64Array {
  return upper.map((bound, i) => Math.min(bound, Math.max(lower[i], levelOf(labels[i]))));
}

/** The sum of the weights of the groups that have a level. */
function sumAtLevels(
  { n, lower, upper, labels }: WeightLimits,
  levelOf: (group: number) => number | undefined,
): number {
  let total = 0;
  for (let i = 0; i < n; i++) {
    const level = levelOf(labels[i]);
    if (level !== undefined) total += Math.min(upper[i], Math.max(lower[i], level));
  }
  return total;
}
