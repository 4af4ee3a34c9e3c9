// Our engine beside Ray and Dask on this machine, one after another:
// `deno run -A tests/bench/engine/main.ts [--only tradewind|ray|dask] [--fsync] [--quick] [--runs N] [--json FILE]`
import { parseArgs } from "@std/cli/parse-args";
import { contenders, isInstalled } from "./contenders.ts";
import type { Contender } from "./contenders.ts";
import { runDriver } from "./run_driver.ts";
import type { Sample } from "./run_driver.ts";
import { table } from "./table.ts";
import type { Column } from "./table.ts";
import { FULL_WORKLOAD, QUICK_WORKLOAD } from "./workload.ts";

const DEFAULT_RUNS = 3;

async function main(args: readonly string[]): Promise<void> {
  const flags = parseArgs(args, {
    string: ["only", "runs", "json"],
    boolean: ["quick", "fsync"],
    unknown: (name) => {
      throw new Error(`Cannot start the benchmark: ${name} is no option of it`);
    },
  });
  const runs = Number(flags.runs ?? (flags.quick ? 1 : DEFAULT_RUNS));
  if (!Number.isInteger(runs) || runs < 1) {
    throw new Error(`Cannot start the benchmark: --runs must be at least 1, it is ${flags.runs}`);
  }
  const workload = flags.quick ? QUICK_WORKLOAD : FULL_WORKLOAD;
  const columns = chosen(flags.only as string | undefined, flags.fsync === true).map((
    contender,
  ) => ({
    contender,
    samples: [] as Sample[],
  }));
  let failures = 0;
  // Round by round, so that a slow spell of the machine meets all of them.
  for (let run = 1; run <= runs; run++) {
    for (const { contender, samples } of columns) {
      note(`run ${run} of ${runs}: ${contender.id}`);
      try {
        samples.push(await runDriver(contender, workload));
      } catch (error) {
        // The runs that went well are worth their hour: they are shown, and the command fails at the end.
        note(error instanceof Error ? error.message : String(error));
        failures++;
      }
    }
  }
  report(columns.map(({ contender, samples }) => ({ id: contender.id, samples })), flags.json);
  if (failures > 0) throw new Error(`The table lacks ${failures} runs that failed`);
}

function chosen(only: string | undefined, withFsync: boolean): Contender[] {
  const environmentsDir = Deno.env.get("TV_BENCH_VENVS") ??
    `${Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`}/tradewind-bench`;
  const all = contenders(environmentsDir, withFsync);
  const wanted = all.filter(({ engine }) => only === undefined || engine === only);
  if (wanted.length === 0) {
    throw new Error(
      `Cannot bench ${only}: the engines are ${all.map(({ engine }) => engine).join(", ")}`,
    );
  }
  const installed = wanted.filter(isInstalled);
  for (const { id, install } of wanted.filter((contender) => !installed.includes(contender))) {
    note(`${id} is left out, since it is not installed. To install it:`);
    for (const command of install) note(`  ${command}`);
  }
  if (installed.length === 0) throw new Error("Cannot start the benchmark: no engine is left");
  return installed;
}

function report(columns: readonly Column[], jsonPath: unknown): void {
  const machine = {
    cpus: navigator.hardwareConcurrency,
    memoryBytes: Deno.systemMemoryInfo().total,
    loadAverages: Deno.loadavg(),
    deno: Deno.version.deno,
    at: new Date().toISOString(),
  };
  if (typeof jsonPath === "string") {
    Deno.writeTextFileSync(jsonPath, JSON.stringify({ machine, columns }, null, 2));
  }
  // deno-lint-ignore no-console -- the command's output
  console.log(
    `${machine.at}, ${machine.cpus} cores, load ${
      machine.loadAverages[0].toFixed(1)
    } at the end\n\n` +
      table(columns),
  );
}

function note(message: string): void {
  // deno-lint-ignore no-console -- progress goes to standard error
  console.error(message);
}

if (import.meta.main) {
  try {
    await main(Deno.args);
  } catch (error) {
    note(error instanceof Error ? error.message : String(error));
    Deno.exit(1);
  }
}
