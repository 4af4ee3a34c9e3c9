/** The whole grid of a production run, end to end on real prices: 18 windows × 120 candidates are 2,160 simulations of a
 * window. Cold, then again with everything in the cache.
 *
 *     deno run -A tests/bench/grid_bench.ts [--workers 2]
 *
 * @module */
import { parseArgs } from "@std/cli/parse-args";
import { join } from "@std/path";
import { ROOT } from "../structure/sources.ts";

/** 20 chains of weights: 2 selections × 2 engines × 4 profiles, 2 × barbell, market, benchmark. */
const PROFILES = [
  ...["min_variance", "max_sharpe", "hrp", "risk_parity"],
  ...["barbell", "market", "benchmark"],
];
const MANIFEST = {
  default_profile: "grid",
  profiles: {
    grid: {
      prices: join(ROOT, "testdata/us_large_cap.parquet"),
      // 252 rows of training, 18 × 20 of tests, and the price before the first return.
      data: { lookback_days: 613 },
      selection: { modes: ["baseline", "ladder"] },
      discovery: { market: ["AAPL", "JPM", "XOM"] },
      backtest: {
        engines: ["clustered", "flat"],
        profiles: PROFILES,
        rebalance: ["window", "daily", "drift"],
        simulators: ["vectorized", "orders"],
      },
    },
  },
};

/** What of a run's summary is shown. */
interface Summary {
  readonly duration_ms: number;
  readonly stages_ms: Readonly<Record<string, number>>;
  readonly candidates: readonly unknown[];
  readonly result_hash: string;
}

async function run(folder: string, workers: string, runId: string) {
  const startedAt = performance.now();
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-q", "-A", join(ROOT, "src/cli/production.ts"), "--quiet", "--json"],
      ...["--manifest", join(folder, "grid.jsonc"), "--out", join(folder, "out")],
      ...["--workers", workers, "--run-id", runId],
    ],
    cwd: folder,
  }).output();
  const decoder = new TextDecoder();
  if (code !== 0) throw new Error(`The run ended with ${code}: ${decoder.decode(stderr)}`);
  return {
    seconds: (performance.now() - startedAt) / 1000,
    summary: JSON.parse(decoder.decode(stdout)) as Summary,
  };
}

if (import.meta.main) {
  const workers = String(parseArgs(Deno.args, { string: ["workers"] })["workers"] ?? "2");
  const folder = await Deno.makeTempDir({ prefix: "tradewind-grid-bench-" });
  try {
    await Deno.writeTextFile(join(folder, "grid.jsonc"), JSON.stringify(MANIFEST));
    for (const name of ["cold", "cached"]) {
      const { seconds, summary } = await run(folder, workers, name);
      const stages = Object.entries(summary.stages_ms).map(([stage, ms]) => `${stage} ${ms} ms`);
      // deno-lint-ignore no-console -- a bench prints its table
      console.log(
        `${name}: ${seconds.toFixed(1)} s, ${summary.candidates.length} candidates, ` +
          `${stages.join(", ")}, result ${summary.result_hash.slice(0, 12)}`,
      );
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
