/** When holdings are brought back to the target between two targets: never ("window"), on every bar
 * ("daily"), or once a weight is further from its target than a threshold ("drift"). */
export type RebalanceRule =
  | { readonly mode: "window" }
  | { readonly mode: "daily" }
  | {
    readonly mode: "drift";
    /** Fraction of wealth, as 0.05: the largest |held weight − target weight| that is left alone. */
    readonly threshold: number;
  };

/** Tells whether holdings that have drifted are traded back to the target on the next bar. A new
 * target is always traded; this decides about the bars between.
 * @param held N drifted weights, as of the last close before the bar
 * @param target N weights of the target in force */
export function isRebalanceDue(
  rule: RebalanceRule,
  held: Float64Array,
  target: Float64Array,
): boolean {
  if (rule.mode !== "drift") return rule.mode === "daily";
  for (let i = 0; i < held.length; i++) {
    if (Math.abs(held[i] - target[i]) > rule.threshold) return true;
  }
  return false;
}

/** @throws {RangeError} if a drift threshold is not a number >= 0 */
export function requireRebalanceRule(rule: RebalanceRule): void {
  if (rule.mode !== "drift" || rule.threshold >= 0) return;
  throw new RangeError(
    `Cannot simulate: the drift threshold must be >= 0: current value is ${rule.threshold}`,
  );
}
