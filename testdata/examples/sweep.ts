/** A parameter sweep: 10,000 backtests of a moving-average rule, 100 to a task. @module */
import pl from "nodejs-polars";
import { remote, startEmbeddedCluster } from "tradewind";

/** The rule: hold the asset while its mean over `fast` days lies above that over `slow` days, else cash. */
export interface Rule {
  readonly fast: number;
  readonly slow: number;
}

/** What a rule has earned. */
export interface Outcome extends Rule {
  /** What 1 has become, without costs. */
  readonly wealth: number;
}

/** Backtests some rules on the same closes. */
export function backtestRules(closes: Float64Array, rules: readonly Rule[]): Outcome[] {
  const sums = cumulativeSums(closes);
  return rules.map((rule) => ({ ...rule, wealth: backtest(closes, sums, rule) }));
}

/** A position is taken at the close after which the rule is known, and earns from the next one on. */
function backtest(closes: Float64Array, sums: Float64Array, { fast, slow }: Rule): number {
  const mean = (days: number, at: number) => (sums[at + 1] - sums[at + 1 - days]) / days;
  let wealth = 1;
  for (let at = slow; at < closes.length - 1; at++) {
    if (mean(fast, at) > mean(slow, at)) wealth *= closes[at + 1] / closes[at];
  }
  return wealth;
}

function cumulativeSums(values: Float64Array): Float64Array {
  const sums = new Float64Array(values.length + 1);
  values.forEach((value, i) => sums[i + 1] = sums[i] + value);
  return sums;
}

/** 100 × 100 rules, a row of the grid to a task. */
function grid(): Rule[][] {
  return Array.from(
    { length: 100 },
    (_, i) => Array.from({ length: 100 }, (_, j) => ({ fast: i + 1, slow: 101 + 2 * j })),
  );
}

if (import.meta.main) {
  const frame = pl.readParquet(new URL("../us_large_cap.parquet", import.meta.url).pathname);
  const closes = Float64Array.from(frame.getColumn("AAPL").toArray());
  await using cluster = await startEmbeddedCluster({ workers: 2, logDir: "artifacts/logs" });
  const { client } = cluster;
  const prices = await client.put(closes); // stored once; a node fetches it once
  const run = remote(import.meta.url, backtestRules);
  const outcomes = (await client.gather(grid().map((rules) => client.submit(run, [prices, rules]))))
    .flat();
  const best = outcomes.reduce((a, b) => b.wealth > a.wealth ? b : a);
  console.log(`${outcomes.length} backtests`);
  console.log(`best: fast ${best.fast}, slow ${best.slow}, 1 became ${best.wealth.toFixed(2)}`);
}
