/** How straight a path is: |Σ r| / Σ|r|, 1 when every return has the same sign, about 1/√T for noise.
 * @param returns T simple returns
 * @returns NaN when nothing moved
 * Source: Kaufman (1995), "Smarter Trading", efficiency ratio; on returns where he takes price changes. */
export function efficiency(returns: Float64Array): number {
  let net = 0, path = 0;
  for (const value of returns) {
    net += value;
    path += Math.abs(value);
  }
  return path === 0 ? NaN : Math.abs(net) / path;
}
