import type { Direction } from "../selection/selection.ts";

/** The rules that turn an asset's past into a position: `momentum` follows the sign of the return over the timescale,
 * `reversion` bets against the distance from the moving average, `trend` holds while the mean return is positive, `raw`
 * always holds. */
export const LOGICS = ["momentum", "reversion", "trend", "raw"] as const;

/** One of {@linkcode LOGICS}. */
export type Logic = typeof LOGICS[number];

/** The smallest unit of a strategy: one rule on one asset. */
export interface Atom {
  /** `{asset}_{logic}_{direction}_{timescale}`, for instance `AAPL_momentum_LONG_20b`. */
  readonly name: string;
  /** The asset's column in the panel. */
  readonly column: number;
  readonly logic: Logic;
  /** SHORT takes the opposite position. */
  readonly direction: Direction;
  /** Bars before a return that its position is decided from; 0 for `raw`, which looks at none. */
  readonly timescale: number;
}

/** An asset to make atoms of. */
export interface AtomAsset {
  readonly symbol: string;
  readonly column: number;
  readonly direction: Direction;
}

/** Every asset with every logic at every timescale, asset by asset; `raw` once, since it knows no timescale.
 * @param timescales bars, at least 2 each
 * @throws {RangeError} for a timescale that is no whole number from 2 on */
export function makeAtoms(
  assets: readonly AtomAsset[],
  logics: readonly Logic[],
  timescales: readonly number[],
): Atom[] {
  for (const timescale of timescales) {
    if (Number.isInteger(timescale) && timescale >= 2) continue;
    throw new RangeError(
      `Cannot make atoms: a timescale must be a whole number of bars from 2 on: it is ${timescale}`,
    );
  }
  return assets.flatMap(({ symbol, column, direction }) =>
    logics.flatMap((logic) =>
      (logic === "raw" ? [0] : timescales).map((timescale): Atom => ({
        name: `${symbol}_${logic}_${direction}_${timescale}b`,
        column,
        logic,
        direction,
        timescale,
      }))
    )
  );
}
