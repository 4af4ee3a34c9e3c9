/** The simulators that a manifest may name. */
export const SIMULATOR_NAMES = ["vectorized", "orders", "event"] as const;

/** One of {@linkcode SIMULATOR_NAMES}. */
export type SimulatorName = typeof SIMULATOR_NAMES[number];

/** What each simulator does, in one line. */
export const SIMULATOR_DESCRIPTIONS: Readonly<Record<SimulatorName, string>> = {
  vectorized: "weights that drift with their returns; costs are a share of what is traded",
  orders:
    "target percent orders in shares, rounded to lots, all filled at the open or close of a bar",
  event: "resting orders bar by bar: order types, a share of the volume, borrow fees, margin",
};

/** What each simulator computes, in one line: Δw traded weights, r returns, p prices. */
export const SIMULATOR_FORMULAS: Readonly<Record<SimulatorName, string>> = {
  vectorized: "w ← w(1 + r) / (1 + wᵀr); a rebalance costs Σ|Δw| · (slippage + commission)",
  orders: "shares = lots of w · equity / p; done at p(1 ± slippage), commission on that value",
  event: "as orders, but at most max_volume_share of a bar's volume, the rest waits",
};
