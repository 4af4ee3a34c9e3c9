/** Share of winning bars among those that moved: #(r > 0) / #(r ≠ 0).
 * @param returns T simple returns
 * @returns NaN when no bar moved */
export function winRate(returns: Float64Array): number {
  let wins = 0;
  let moves = 0;
  for (const simpleReturn of returns) {
    if (simpleReturn > 0) wins++;
    if (simpleReturn !== 0) moves++;
  }
  return moves === 0 ? NaN : wins / moves;
}

/** Sum of the gains over the sum of the losses. Not the omega ratio of a non-zero risk-free rate:
 * this one is on the returns as they are.
 * @param returns T simple returns
 * @returns NaN without a loss */
export function profitFactor(returns: Float64Array): number {
  let gains = 0;
  let losses = 0;
  for (const simpleReturn of returns) {
    if (simpleReturn > 0) gains += simpleReturn;
    else losses -= simpleReturn;
  }
  return losses === 0 ? NaN : gains / losses;
}
