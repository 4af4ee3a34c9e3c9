import type { Quadrant } from "./quadrant.ts";

/** The profiles that the adaptive one stands for. */
export type AdaptiveProfile = "max_sharpe" | "barbell" | "min_variance" | "hrp";

const PROFILE_OF: Readonly<Record<Quadrant, AdaptiveProfile>> = {
  EXPANSION: "max_sharpe",
  INFLATIONARY_TREND: "barbell",
  STAGNATION: "min_variance",
  CRISIS: "hrp",
};

/** The profile that suits a quadrant: reach for return while a market grows calmly, a safe core with a few convex bets
 * while it grows under stress, the least variance while it goes nowhere, and spread risk while it breaks. */
export function adaptiveProfile(quadrant: Quadrant): AdaptiveProfile {
  return PROFILE_OF[quadrant];
}
