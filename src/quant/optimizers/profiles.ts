/** The objectives that a portfolio can be optimised for, in the order in which they are listed to users. */
export const PROFILE_NAMES = [
  "equal_weight",
  "min_variance",
  "hrp",
  "risk_parity",
  "max_sharpe",
] as const;

/** One of {@linkcode PROFILE_NAMES}. */
export type ProfileName = typeof PROFILE_NAMES[number];

/** What each profile does, in one line. */
export const PROFILE_DESCRIPTIONS: Readonly<Record<ProfileName, string>> = {
  equal_weight: "the portfolio nearest to 1/n that the caps allow",
  min_variance: "the lowest variance",
  hrp: "hierarchical risk parity: recursive bisection of the tree of assets by inverse variance",
  risk_parity: "equal contributions to risk, as far as the caps allow",
  max_sharpe: "the highest ratio of excess return to volatility",
};
