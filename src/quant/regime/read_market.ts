import type { ReturnsWindow } from "../estimators/returns_window.ts";
import { type QuadrantReading, readQuadrant } from "./quadrant.ts";
import {
  marketReturns,
  MIN_REGIME_RETURNS,
  readRegime,
  type RegimeReading,
} from "./regime_score.ts";

/** How a market is, and where. */
export interface MarketReading extends Pick<RegimeReading, "regime" | "score">, QuadrantReading {}

/** Reads the market that a window's assets are together, equally weighted.
 * @param window T × N simple returns; only they count
 * @param periodsPerYear 252 for US equities, 365 for crypto; no default
 * @returns undefined for fewer rows than a regime is read from, and where the market lost all */
export function readMarket(
  { values, T, N }: ReturnsWindow,
  periodsPerYear: number,
): MarketReading | undefined {
  if (T < MIN_REGIME_RETURNS || N === 0) return undefined;
  const returns = marketReturns(values, N);
  if (returns.some((value) => value <= -1)) return undefined;
  const reading = readRegime(returns);
  const { regime, score } = reading;
  return { regime, score, ...readQuadrant(returns, reading, periodsPerYear) };
}
