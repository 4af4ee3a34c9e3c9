/** The bundled production run from a cold process: `deno run -A tests/bench/production_bench.ts [--runs N]`.
 * Prints a Markdown table; fails when results differ between numbers of workers. */
import { parseArgs } from "@std/cli/parse-args";
import type { RunSummary } from "../../src/production/run_production.ts";
import { productionSummary, withFolder } from "../integration/cli.ts";

interface Measured {
  readonly wallS: number;
  readonly summary: RunSummary;
}

async function measure(args: readonly string[]): Promise<Measured> {
  const startedAt = performance.now();
  const summary = await productionSummary(args);
  return { wallS: (performance.now() - startedAt) / 1000, summary };
}

/** A run with an empty output folder, and the same again with what that left. */
async function measureColdAndCached(
  workers: number,
): Promise<readonly [cold: Measured, cached: Measured]> {
  return await withFolder(async (folder) => {
    const args = ["--out", folder, "--workers", String(workers), "--quiet"];
    return [await measure(args), await measure(args)] as const;
  });
}

function row(label: string, runs: readonly Measured[]): string {
  const walls = runs.map(({ wallS }) => wallS).sort((a, b) => a - b);
  const mib = (bytes: number) => (bytes / 2 ** 20).toFixed(0);
  const heads = Math.max(...runs.map(({ summary }) => summary.memory.head_peak_bytes));
  const executors = runs.flatMap(({ summary }) =>
    summary.memory.executors.map(({ peak_bytes }) => peak_bytes)
  );
  const cells = [
    label,
    walls[Math.floor(walls.length / 2)].toFixed(2),
    `${walls[0].toFixed(2)} to ${walls[walls.length - 1].toFixed(2)}`,
    mib(heads),
    executors.length === 0 ? "none started" : mib(Math.max(...executors)),
    `\`${runs[0].summary.result_hash?.slice(0, 12)}\``,
  ];
  return `| ${cells.join(" | ")} |`;
}

const flags = parseArgs(Deno.args, { string: ["runs"] });
const runs = Number(flags.runs ?? 3);
const rows: string[] = [];
const hashes = new Set<string | null>();
const cachedRuns: Measured[] = [];
for (const workers of [1, 2, 4]) {
  const cold: Measured[] = [];
  for (let run = 0; run < runs; run++) {
    const [first, second] = await measureColdAndCached(workers);
    cold.push(first);
    cachedRuns.push(second);
    hashes.add(first.summary.result_hash).add(second.summary.result_hash);
  }
  rows.push(row(`cold, ${workers} ${workers === 1 ? "worker" : "workers"}`, cold));
}
rows.push(row("again, all from the cache", cachedRuns));
// deno-lint-ignore no-console -- a bench prints its table
console.log([
  "| Run | Wall, median s | min to max s | Head peak MiB | Executor peak MiB | Result |",
  "| --- | ---: | ---: | ---: | ---: | --- |",
  ...rows,
].join("\n"));
if (hashes.size !== 1) {
  // deno-lint-ignore no-console -- a bench says why it failed
  console.error(`The results differ: ${[...hashes].join(", ")}`);
  Deno.exit(1);
}
