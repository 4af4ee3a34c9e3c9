import { maxDrawdown } from "./drawdown.ts";
import { historicCvar95, sortedCopy } from "./tail_risk.ts";

/** How deep the tails are beside a benchmark's: 1 is as deep, more is worse. */
export interface TailMultiples {
  /** CVaR 95 % over the benchmark's; NaN unless the benchmark's is a loss. */
  readonly cvar: number;
  /** Max drawdown over the benchmark's; NaN when the benchmark has none. */
  readonly drawdown: number;
}

/** Compares the tails of returns with those of a benchmark on the same bars.
 * @param returns T simple returns
 * @param benchmark T simple returns */
export function tailMultiples(returns: Float64Array, benchmark: Float64Array): TailMultiples {
  return {
    cvar: multiple(historicCvar95(sortedCopy(returns)), historicCvar95(sortedCopy(benchmark))),
    drawdown: multiple(maxDrawdown(returns).depth, maxDrawdown(benchmark).depth),
  };
}

function multiple(loss: number, benchmarkLoss: number): number {
  return benchmarkLoss < 0 ? loss / benchmarkLoss : NaN;
}
