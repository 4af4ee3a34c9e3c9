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
  min_cvar: "the lowest mean loss in the worst 5 % (risk.tail_share) of the training returns",
  market_neutral:
    "the lowest variance with a beta to the market of at most 0.05 (risk.beta_limit) either way",
  barbell: "hrp, and a small share on the most antifragile asset clusters",
  market: "equal weights of the market's symbols, to compare with",
  benchmark: "equal weights of all candidates, to compare with",
  adaptive: "max_sharpe, barbell, min_variance or hrp, by the market's quadrant",
};

/** What each profile solves, in one line: w weights, Σ covariance and μ means, annualised; n assets. */
export const PROFILE_FORMULAS: Readonly<Record<ProfileName, string>> = {
  equal_weight: "min ‖w − 1/n‖²",
  min_variance: "min wᵀΣw + γ‖w‖² + cost · Σ|w − held|",
  mean_variance: "max μᵀw − ½λ · wᵀΣw − γ‖w‖² − cost · Σ|w − held|",
  max_sharpe: "max (μ − r_f)ᵀw / √(wᵀΣw)",
  risk_parity: "min ½wᵀΣw − (1/n) Σ ln w",
  hrp: "w halved down the tree of assets, each side by 1 / (its inverse-variance mix's variance)",
  herc:
    "w split down the tree of asset clusters, each side by 1 / its risk; inverse variance within",
  max_diversification: "max σᵀw / √(wᵀΣw)",
  min_cvar: "min mean loss −r_tᵀw of the worst tail_share of the training rows t",
  market_neutral: "min wᵀΣw + γ‖w‖², |βᵀw| ≤ beta_limit",
  barbell: "(1 − s) · hrp + s · aggressors; s = 15, 10, 5, 3 % in QUIET, NORMAL, TURBULENT, CRISIS",
  market: "w = 1/m on the m symbols of discovery.market",
  benchmark: "w = 1/n on all candidates",
  adaptive:
    "EXPANSION → max_sharpe, INFLATIONARY_TREND → barbell, STAGNATION → min_variance, CRISIS → hrp",
};
