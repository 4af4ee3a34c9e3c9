/** A sleeve that a schedule computes every night: deploy it once, then `deno task flow -- serve` runs it. @module */
import pl from "nodejs-polars";
import { artifact, flow, runLog, task } from "tradewind";

const module = import.meta.url;

/** A task of the cluster: weights in proportion to 1 / volatility of the last `days` returns. */
export const sleeveWeights = task(
  "sleeve-weights",
  (closes: Record<string, number[]>, days: number) => {
    const wanted = Object.entries(closes).map(([symbol, prices]) => {
      const returns = prices.slice(1).map((price, i) => price / prices[i] - 1).slice(-days);
      const mean = returns.reduce((sum, r) => sum + r, 0) / returns.length;
      const variance = returns.reduce((sum, r) => sum + (r - mean) ** 2, 0) / (returns.length - 1);
      return { symbol, wanted: 1 / Math.sqrt(variance) };
    });
    const total = wanted.reduce((sum, { wanted }) => sum + wanted, 0);
    return wanted.map(({ symbol, wanted }) => ({ symbol, weight: wanted / total }));
  },
  { run: "cluster", module },
);

/** The nightly flow. Its parameters are given at `flow -- deploy`. */
export const nightlySleeve = flow(
  "nightly-sleeve",
  async ({ symbols, days }: { symbols: string[]; days: number }) => {
    const path = new URL("../us_large_cap.parquet", import.meta.url).pathname;
    const frame = pl.readParquet(path).tail(days + 1);
    const closes = symbols.map((symbol) => [symbol, frame.getColumn(symbol).toArray()]);
    const weights = await sleeveWeights(Object.fromEntries(closes), days);
    artifact.table("weights", weights);
    runLog(`weighed ${weights.length} symbols`);
    return weights;
  },
);
