import type { Panel } from "../../quant/panel.ts";

/** Returns of the equally weighted candidates, rebalanced each bar and free of costs: what a run's candidates are
 * measured against.
 * @returns one simple return a row from `fromRow` on: the mean over the symbols that have one, 0 where none has */
export function equalWeightReturns({ symbols, values }: Panel, fromRow: number): Float64Array {
  const N = symbols.length;
  const returns = new Float64Array(values.length / N - fromRow);
  for (let k = 0, at = fromRow * N; k < returns.length; k++) {
    let sum = 0, count = 0;
    for (const end = at + N; at < end; at++) {
      if (Number.isNaN(values[at])) continue;
      sum += values[at];
      count++;
    }
    returns[k] = count === 0 ? 0 : sum / count;
  }
  return returns;
}
