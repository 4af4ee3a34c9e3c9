import type { Matrix } from "../matrix.ts";
import { meanDiagonal } from "./quadratic_form.ts";

/** A variance below this share of the mean one counts as that share, so that an asset without variance takes
 * nearly all of a mix, and two of them the same. */
const SMALLEST_VARIANCE_SHARE = 1e-12;

/** Weights proportional to 1/variance over some of a covariance's assets.
 * @param members indices into the covariance, at least one
 * @returns one weight a member, with sum 1 */
export function inverseVarianceMix(covariance: Matrix, members: ArrayLike<number>): Float64Array {
  const n = covariance.rows;
  const floor = SMALLEST_VARIANCE_SHARE * meanDiagonal(covariance);
  const mix = new Float64Array(members.length);
  let total = 0;
  for (let k = 0; k < members.length; k++) {
    mix[k] = 1 / Math.max(covariance.data[members[k] * n + members[k]], floor);
    total += mix[k];
  }
  return mix.map((weight) => weight / total);
}
