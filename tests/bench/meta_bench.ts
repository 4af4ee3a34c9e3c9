/** Four sleeves of a meta-portfolio from a cold process: `deno run -A tests/bench/meta_bench.ts [--runs N] [--workers N]
 * [--small]`. Each sleeve is a production run of 18 windows × 120 candidates (2 engines × 10 profiles × 3 rules of
 * rebalancing × 2 simulators): 8,640 simulations of a window in all; with --small a twentieth of that. Prints a Markdown
 * table; fails when results differ. */
import { parseArgs } from "@std/cli/parse-args";
import { join } from "@std/path";
import type { MetaSummary } from "../../src/production/meta/run_meta.ts";
import { RunningCommand, withFolder } from "../integration/cli.ts";
import { US_LARGE_CAP } from "../integration/manifest.ts";
import { ROOT } from "../structure/sources.ts";

const WINDOWS = 18;
const FULL_GRID = {
  engines: ["clustered", "flat"],
  profiles: [
    "equal_weight",
    "min_variance",
    "mean_variance",
    "max_sharpe",
    "risk_parity",
    "hrp",
    "herc",
    "max_diversification",
    "min_cvar",
    "adaptive",
  ],
  rebalance: ["window", "daily", "drift"],
  simulators: ["vectorized", "orders"],
};
const SMALL_GRID = {
  engines: ["clustered"],
  profiles: ["equal_weight", "min_variance", "hrp"],
  rebalance: ["window"],
  simulators: ["vectorized", "orders"],
};

const CRYPTO = join(ROOT, "testdata/crypto_synthetic.parquet");

/** T returns are train + windows × step, and one price more. */
const rows = (train: number, step: number) => ({
  data: { lookback_days: train + WINDOWS * step + 1, min_days_floor: train },
  backtest: { train, test: step, step },
});

function manifest(grid: typeof FULL_GRID): string {
  const coins = { prices: CRYPTO, risk: { cluster_lookbacks: [20, 60] } };
  return JSON.stringify({
    default_profile: "stocks_year",
    defaults: { backtest: grid },
    profiles: {
      stocks_year: { prices: US_LARGE_CAP, ...rows(252, 20) },
      stocks_half: { prices: US_LARGE_CAP, ...rows(126, 20) },
      coins_month: { ...coins, ...rows(30, 20) },
      coins_quarter: { ...coins, ...rows(90, 20) },
    },
    meta_profiles: {
      four: {
        meta: { profiles: ["hrp", "risk_parity", "equal_weight"], train: 60 },
        sleeves: ["stocks_year", "stocks_half", "coins_month", "coins_quarter"].map((profile) => ({
          id: profile,
          profile,
        })),
      },
    },
  });
}

interface Measured {
  readonly wallS: number;
  readonly summary: MetaSummary;
}

async function measure(args: readonly string[]): Promise<Measured> {
  const startedAt = performance.now();
  const { code, stdout, stderr } = await new RunningCommand("meta", [...args, "--json", "--quiet"])
    .result();
  if (code !== 0) throw new Error(`meta ended with ${code}:\n${stderr}`);
  return { wallS: (performance.now() - startedAt) / 1000, summary: JSON.parse(stdout) };
}

/** A run with an empty output folder, and the same again with what that left. */
async function measureColdAndCached(workers: string, isSmall: boolean) {
  return await withFolder(async (folder) => {
    const path = join(folder, "meta.jsonc");
    await Deno.writeTextFile(path, manifest(isSmall ? SMALL_GRID : FULL_GRID));
    const args = ["--manifest", path, "--out", join(folder, "out"), "--workers", workers];
    return { cold: await measure(args), cached: await measure(args) };
  });
}

function row(label: string, measured: readonly Measured[], simulations: number): string {
  const walls = measured.map(({ wallS }) => wallS).sort((a, b) => a - b);
  const median = walls[Math.floor(walls.length / 2)];
  const cells = [
    label,
    median.toFixed(2),
    `${walls[0].toFixed(2)} to ${walls[walls.length - 1].toFixed(2)}`,
    simulations.toLocaleString("en"),
    (simulations / median).toFixed(0),
    `\`${measured[0].summary.result_hash?.slice(0, 12)}\``,
  ];
  return `| ${cells.join(" | ")} |`;
}

const flags = parseArgs(Deno.args, { string: ["runs", "workers"], boolean: ["small"] });
const isSmall = flags.small === true;
const workers = String(flags.workers ?? 2);
const grid = isSmall ? SMALL_GRID : FULL_GRID;
const candidates = Object.values(grid).reduce((count, names) => count * names.length, 1);
const simulations = 4 * WINDOWS * candidates;
const cold: Measured[] = [], cached: Measured[] = [];
for (let run = 0; run < Number(flags.runs ?? 3); run++) {
  const measured = await measureColdAndCached(workers, isSmall);
  cold.push(measured.cold);
  cached.push(measured.cached);
}
// deno-lint-ignore no-console -- a bench prints its table
console.log([
  "| Run | Wall, median s | min to max s | Simulations of a window | a second | Result |",
  "| --- | ---: | ---: | ---: | ---: | --- |",
  row(`cold, ${workers} workers`, cold, simulations),
  row("again, all from the cache", cached, simulations),
].join("\n"));
const hashes = new Set([...cold, ...cached].map(({ summary }) => summary.result_hash));
if (hashes.size !== 1) {
  // deno-lint-ignore no-console -- a bench says why it failed
  console.error(`The results differ: ${[...hashes].join(", ")}`);
  Deno.exit(1);
}
