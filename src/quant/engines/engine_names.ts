/** The ways of turning a window's returns into a portfolio problem, in the order in which they are listed. */
export const ENGINE_NAMES = ["clustered", "flat"] as const;

/** One of {@linkcode ENGINE_NAMES}. */
export type EngineName = typeof ENGINE_NAMES[number];

/** What each engine does, in one line. */
export const ENGINE_DESCRIPTIONS: Readonly<Record<EngineName, string>> = {
  clustered:
    "two levels: inverse-variance mixes within asset clusters, the profile across the clusters",
  flat: "one level: the profile across all assets, with asset clusters as capped groups",
};

/** What each engine computes, in one line. */
export const ENGINE_FORMULAS: Readonly<Record<EngineName, string>> = {
  clustered:
    "w = v ∘ u[cluster]; v inverse variance within a cluster, u the profile's across the v",
  flat: "w the profile's; Σ of a cluster ≤ max(cluster_cap, 1/k), w ≤ max(max_weight, 1/n)",
};
