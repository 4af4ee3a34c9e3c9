/** The simulators that a manifest may name. */
export const SIMULATOR_NAMES = ["vectorized"] as const;

/** One of {@linkcode SIMULATOR_NAMES}. */
export type SimulatorName = typeof SIMULATOR_NAMES[number];
