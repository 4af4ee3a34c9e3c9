/** What one sleeve puts into one asset. */
export interface Contribution {
  /** Of the asset. */
  readonly symbol: string;
  /** The sleeve, from the portfolio down to it: `crypto`, or of a nested meta-portfolio `equities/growth`. */
  readonly path: string;
  /** The share of the portfolio that the sleeve has: the product of the weights along the path. */
  readonly sleeveWeight: number;
  /** The asset's net weight in the sleeve, negative for short. */
  readonly assetWeight: number;
}

/** A sleeve with its share of the portfolio and what it holds. */
export interface WeightedSleeve {
  readonly id: string;
  /** Its share of the portfolio. */
  readonly weight: number;
  /** What it holds: an asset's net weight; of a nested meta-portfolio, its own contributions. */
  readonly holds:
    | { readonly type: "assets"; readonly weights: ReadonlyMap<string, number> }
    | { readonly type: "contributions"; readonly contributions: readonly Contribution[] };
}

/** An asset of a flattened portfolio. */
export interface FlatAsset {
  readonly symbol: string;
  /** Σ sleeve weight × net weight in the sleeve: what is to be held. */
  readonly net: number;
  /** Σ |sleeve weight × net weight|: what the sleeves hold of it, longs and shorts not set off. */
  readonly gross: number;
  /** Whose weights these are, in the order of the sleeves. */
  readonly contributors: readonly Contribution[];
}

/** A portfolio of sleeves as one of assets. */
export interface FlatPortfolio {
  /** In the order of their symbols' code units. */
  readonly assets: readonly FlatAsset[];
  /** Σ net over the assets; what it leaves of 1 is cash. */
  readonly net: number;
  /** Σ |net| over the assets: the exposure that is held. */
  readonly gross: number;
  /** Σ gross over the assets: the exposure before sleeves that hold against each other are set off. */
  readonly grossOfSleeves: number;
}

/** What a contribution adds to the weight of its asset. */
export function contributed({ sleeveWeight, assetWeight }: Contribution): number {
  return sleeveWeight * assetWeight;
}

/** Every sleeve's part in every asset, in the order of the sleeves; assets that a sleeve does not hold are left out.
 * @throws {RangeError} if a weight is not finite, naming sleeve and asset */
export function contributionsOf(sleeves: readonly WeightedSleeve[]): Contribution[] {
  return sleeves.flatMap(({ id, weight, holds }) => {
    const parts = holds.type === "assets"
      ? [...holds.weights].map(([symbol, assetWeight]) => ({
        symbol,
        path: id,
        sleeveWeight: weight,
        assetWeight,
      }))
      : holds.contributions.map((inner) => ({
        symbol: inner.symbol,
        path: `${id}/${inner.path}`,
        sleeveWeight: weight * inner.sleeveWeight,
        assetWeight: inner.assetWeight,
      }));
    const bad = parts.find((part) => !Number.isFinite(contributed(part)));
    if (bad !== undefined) {
      throw new RangeError(
        `Cannot flatten: sleeve ${bad.path} with weight ${bad.sleeveWeight} holds ${bad.assetWeight} of ${bad.symbol}`,
      );
    }
    return parts.filter((part) => contributed(part) !== 0);
  });
}

/** A portfolio of sleeves as one of assets: their contributions, added up by asset. */
export function flattenSleeves(contributions: readonly Contribution[]): FlatPortfolio {
  const bySymbol = Map.groupBy(contributions, ({ symbol }) => symbol);
  const assets = [...bySymbol].sort(([a], [b]) => a < b ? -1 : 1).map(
    ([symbol, contributors]): FlatAsset => ({
      symbol,
      net: sum(contributors, contributed),
      gross: sum(contributors, (part) => Math.abs(contributed(part))),
      contributors,
    }),
  );
  return {
    assets,
    net: sum(assets, ({ net }) => net),
    gross: sum(assets, ({ net }) => Math.abs(net)),
    grossOfSleeves: sum(assets, ({ gross }) => gross),
  };
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
