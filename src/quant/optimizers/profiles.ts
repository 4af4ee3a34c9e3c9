/** The objectives that a portfolio can be optimised for, in the order in which they are listed to users. */
export const PROFILE_NAMES = [
  "equal_weight",
  "min_variance",
  "mean_variance",
  "max_sharpe",
  "risk_parity",
  "hrp",
  "herc",
  "max_diversification",
  "min_cvar",
  "market_neutral",
  "barbell",
  "market",
  "benchmark",
  "adaptive",
] as const;

/** One of {@linkcode PROFILE_NAMES}. */
export type ProfileName = typeof PROFILE_NAMES[number];

/** What each profile does, in one line. */
export const PROFILE_DESCRIPTIONS: Readonly<Record<ProfileName, string>> = {
  equal_weight: "the portfolio nearest to 1/n that the caps allow",
  min_variance: "the lowest variance",
  mean_variance: "the highest mean return less half the risk aversion times the variance",
  max_sharpe: "the highest ratio of excess return to volatility",
  risk_parity: "equal contributions to risk, as far as the caps allow",
  hrp: "hierarchical risk parity: recursive bisection of the tree of assets by inverse variance",
  herc:
    "hierarchical equal risk contribution: down the tree of asset clusters, each side by its risk",
  max_diversification: "the highest ratio of the assets' mean volatility to the portfolio's",
  min_cvar: "the lowest mean loss in the worst 5 % of the training returns",
  market_neutral: "the lowest variance with a beta to the market of at most 0.05 either way",
  barbell: "hrp, and a small share on the most antifragile asset clusters",
  market: "equal weights of the market's symbols, to compare with",
  benchmark: "equal weights of all candidates, to compare with",
  adaptive: "max_sharpe, barbell, min_variance or hrp, by the market's quadrant",
};
