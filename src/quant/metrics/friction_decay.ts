/** The part of a Sharpe ratio that frictions eat: 1 − real / ideal.
 * @param realSharpe with costs, lots and all
 * @param idealSharpe of the same targets without any friction
 * @returns 0 when nothing is lost, 1 when all is, more when the sign turns; NaN unless the ideal one is
 * > 0, since there is nothing to lose */
export function frictionDecay(realSharpe: number, idealSharpe: number): number {
  return idealSharpe > 0 ? 1 - realSharpe / idealSharpe : NaN;
}
