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
