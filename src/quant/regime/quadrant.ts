import { mean } from "../metrics/moments.ts";
import type { RegimeReading } from "./regime_score.ts";

/** Where a market stands between growth and stress. */
export type Quadrant = "EXPANSION" | "INFLATIONARY_TREND" | "STAGNATION" | "CRISIS";

/** A quadrant with the two axes that place a market in it. */
export interface QuadrantReading {
  readonly quadrant: Quadrant;
  /** Mean return × periods per year. */
  readonly annualReturn: number;
  /** 0.7 · volatility ratio + 0.6 · turbulence: 1.0 for noise of constant variance. */
  readonly stress: number;
}

const GROWTH = 0.05;
const STRESS_ABOVE = 1.1;

/** Places a market:
 *
 * | annual return  | calm       | stress above 1.1   |
 * | -------------- | ---------- | ------------------ |
 * | above 5 %      | EXPANSION  | INFLATIONARY_TREND |
 * | between        | STAGNATION | STAGNATION         |
 * | below −5 %     | STAGNATION | CRISIS             |
 *
 * A slow fall without stress is STAGNATION: there is no breakdown to flee from.
 * @param returns T simple returns of the market: those that `reading` was taken from
 * @param periodsPerYear 252 for US equities, 365 for crypto; no default
 * @throws {RangeError} if periodsPerYear is not above 0 */
export function readQuadrant(
  returns: Float64Array,
  { features }: RegimeReading,
  periodsPerYear: number,
): QuadrantReading {
  if (!(periodsPerYear > 0)) {
    throw new RangeError(
      `Cannot annualise: periodsPerYear must be above 0: it is ${periodsPerYear}`,
    );
  }
  const annualReturn = mean(returns) * periodsPerYear;
  const stress = 0.7 * features.volatilityRatio + 0.6 * features.turbulence;
  return { quadrant: quadrantOf(annualReturn, stress > STRESS_ABOVE), annualReturn, stress };
}

function quadrantOf(annualReturn: number, isStressed: boolean): Quadrant {
  if (annualReturn > GROWTH) return isStressed ? "INFLATIONARY_TREND" : "EXPANSION";
  return annualReturn < -GROWTH && isStressed ? "CRISIS" : "STAGNATION";
}
