import { mean, sampleStd } from "../metrics/moments.ts";
import { normalCdf } from "../metrics/normal_distribution.ts";
import type { AssetFeatures, ScoredFeature } from "./asset_features.ts";

/** No feature alone takes a score to 0. */
const LEAST = 0.01;

/** How a feature becomes a probability: `rank` the higher the better, `reversed` the lower, `normal` by its distance from
 * the others' mean, `share` as it is. */
type Transformation = "rank" | "reversed" | "normal" | "share";

/** What each feature counts for and how. Momentum by its size and not only its rank. Order, not noise, is looked for: a
 * random walk (`hurstClean` of 1) comes last, as the veto around H = 0.5 would have it. */
const SCORING: Readonly<Record<ScoredFeature, { as: Transformation; weight: number }>> = {
  momentum: { as: "normal", weight: 1 },
  stability: { as: "rank", weight: 1 },
  entropy: { as: "reversed", weight: 1 },
  efficiency: { as: "rank", weight: 1 },
  hurstClean: { as: "reversed", weight: 1 },
  skew: { as: "reversed", weight: 1 },
  kurtosis: { as: "reversed", weight: 1 },
  cvar: { as: "rank", weight: 1 },
  liquidity: { as: "share", weight: 1 },
};

/** An asset's score with its parts. */
export interface Score {
  /** In [0.01, 1]. A feature that is not known of any asset is missing. */
  readonly probabilities: Readonly<Partial<Record<ScoredFeature, number>>>;
  /** Π p^(w / Σw), a weighted geometric mean in [0.01, 1]; NaN when a feature that others have is NaN. */
  readonly score: number;
}

/** Scores assets against each other. An asset with a NaN in a feature that others have is left out: it has no score and
 * does not count in the ranks of the others.
 * @returns one score an asset */
export function scoreAssets(features: readonly AssetFeatures[]): Score[] {
  const names = (Object.keys(SCORING) as ScoredFeature[]).filter((name) =>
    features.some((asset) => !Number.isNaN(asset[name]))
  );
  const known = features.filter((asset) => names.every((name) => !Number.isNaN(asset[name])));
  const columns = names.map((name) =>
    probabilities(Float64Array.from(known, (asset) => asset[name]), SCORING[name].as)
  );
  const totalWeight = names.reduce((sum, name) => sum + SCORING[name].weight, 0);
  let next = 0;
  return features.map((asset): Score => {
    if (asset !== known[next]) return { probabilities: {}, score: NaN };
    const row = next++;
    let logarithm = 0;
    names.forEach((name, k) => logarithm += SCORING[name].weight * Math.log(columns[k][row]));
    return {
      probabilities: Object.fromEntries(names.map((name, k) => [name, columns[k][row]])),
      score: Math.exp(logarithm / totalWeight),
    };
  });
}

function probabilities(values: Float64Array, as: Transformation): Float64Array {
  if (as === "share") return values.map((value) => Math.max(LEAST, Math.min(1, value)));
  if (as === "normal") {
    const center = mean(values), deviation = sampleStd(values);
    return values.map((value) =>
      Math.max(LEAST, deviation > 0 ? normalCdf((value - center) / deviation) : 0.5)
    );
  }
  const ranks = rankShares(values);
  return ranks.map((rank) => LEAST + (1 - LEAST) * (as === "rank" ? rank : 1 - rank));
}

/** The rank of each value from 0 (the least) to 1; equal values share the mean of their ranks, and where all are equal
 * it is 0.5. */
function rankShares(values: Float64Array): Float64Array {
  const n = values.length;
  const order = [...values.keys()].sort((a, b) => values[a] - values[b]);
  const shares = new Float64Array(n);
  for (let from = 0, to = 0; from < n; from = to) {
    while (to < n && values[order[to]] === values[order[from]]) to++;
    const rank = (from + to - 1) / 2;
    for (let k = from; k < to; k++) shares[order[k]] = n === 1 ? 0.5 : rank / (n - 1);
  }
  return shares;
}
