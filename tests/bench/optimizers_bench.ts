/** Our optimisers beside skfolio, PyPortfolioOpt and Riskfolio-Lib on this machine, one after another:
 * `deno run -A tests/bench/optimizers_bench.ts [--budget S] [--windows N] [--sizes 20,100,500]`.
 * Prints two Markdown tables. */
import { parseArgs } from "@std/cli/parse-args";
import { PROFILE_NAMES, type ProfileName } from "../../src/quant/optimizers/profiles.ts";
import { loadQpSolver } from "../../src/quant/optimizers/qp_solver.ts";
import { factorPanel, lastWindow, solveOnce } from "./optimizers/tradewind.ts";

const LIBRARIES = ["skfolio", "pypfopt", "riskfolio"] as const;
const ASSETS = 500, ROWS = 2520, TRAIN = 252, TEST = 20, SEED = 1;
const HERE = new URL("./optimizers/", import.meta.url).pathname;
/** Profiles that need no solving are left out of the first table. */
const TRIVIAL = new Set<ProfileName>(["market", "benchmark", "adaptive", "equal_weight"]);

/** One line of a peer, or of ours. */
interface Cell {
  readonly profile: string;
  readonly n?: number;
  readonly solvesPerS?: number;
  readonly walkForwardS?: number;
  readonly failed?: string;
}

const flags = parseArgs(Deno.args, { string: ["budget", "windows", "sizes"] });
const budgetS = Number(flags.budget ?? 2);
const windows = Number(flags.windows ?? Math.floor((ROWS - TRAIN) / TEST));
const sizes = String(flags.sizes ?? "20,100,500").split(",").map(Number);
const panel = factorPanel(SEED, ROWS, ASSETS);
const columns = new Map<string, readonly Cell[]>([["tradewind", await ours()]]);
for (const library of LIBRARIES) {
  const cells = await peer(library);
  if (cells !== undefined) columns.set(library, cells);
}
printTables();

async function ours(): Promise<Cell[]> {
  const solver = await loadQpSolver();
  const cells: Cell[] = [];
  for (const n of sizes) {
    const window = lastWindow(panel, ASSETS, TRAIN, n);
    for (const profile of PROFILE_NAMES) {
      if (TRIVIAL.has(profile)) continue;
      solveOnce(window, profile, solver);
      const startedAt = performance.now();
      let count = 0;
      do {
        solveOnce(window, profile, solver);
        count++;
      } while (performance.now() - startedAt < budgetS * 1000);
      cells.push({ profile, n, solvesPerS: count / (performance.now() - startedAt) * 1000 });
    }
  }
  for (const profile of PROFILE_NAMES) {
    const startedAt = performance.now();
    for (let w = 0; w < windows; w++) {
      const to = (ROWS - (windows - w) * TEST) * ASSETS;
      const train = { values: panel.subarray(to - TRAIN * ASSETS, to), T: TRAIN, N: ASSETS };
      solveOnce(train, profile, solver);
    }
    cells.push({ profile, walkForwardS: (performance.now() - startedAt) / 1000 });
  }
  return cells;
}

/** What a library comes to; `undefined` when it is not installed. */
async function peer(library: string): Promise<Cell[] | undefined> {
  const environments = Deno.env.get("TV_BENCH_VENVS") ??
    `${Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`}/tradewind-bench`;
  const python = `${environments}/optimizers/bin/python`;
  if (!await isFile(python)) {
    note(`${library} is left out, since it is not installed. To install it:`);
    note(`  python3 -m venv ${environments}/optimizers`);
    note(`  ${environments}/optimizers/bin/pip install -r ${HERE}requirements.txt`);
    return undefined;
  }
  const folder = await Deno.makeTempDir({ prefix: "tradewind-bench-" });
  try {
    await Deno.writeFile(`${folder}/returns`, new Uint8Array(panel.buffer));
    const request = {
      returns: `${folder}/returns`,
      rows: ROWS,
      assets: ASSETS,
      train: TRAIN,
      test: TEST,
      windows,
      sizes,
      budgetS,
    };
    await Deno.writeTextFile(`${folder}/request.json`, JSON.stringify(request));
    note(library);
    const { stdout } = await new Deno.Command(python, {
      args: [`${HERE}peer.py`, library, `${folder}/request.json`],
      stderr: "inherit",
    }).output();
    const lines = new TextDecoder().decode(stdout).split("\n");
    return lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as Cell);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function printTables(): void {
  const names = [...columns.keys()];
  const lines = [row(["Profile", "n", ...names.map((name) => `${name}, solves/s`)])];
  lines.push(row(["---", "---:", ...names.map(() => "---:")]));
  for (const profile of PROFILE_NAMES.filter((name) => !TRIVIAL.has(name))) {
    for (const n of sizes) {
      const cell = (name: string) =>
        columns.get(name)?.find((one) => one.profile === profile && one.n === n);
      lines.push(row([profile, String(n), ...names.map((name) => text(cell(name)?.solvesPerS))]));
    }
  }
  lines.push("", row(["Walk forward", "tradewind, s", "skfolio, s"]), row(["---", "---:", "---:"]));
  for (const profile of PROFILE_NAMES) {
    const cell = (name: string) =>
      columns.get(name)?.find((one) => one.profile === profile && one.walkForwardS !== undefined);
    lines.push(
      row([profile, text(cell("tradewind")?.walkForwardS), text(cell("skfolio")?.walkForwardS)]),
    );
  }
  // deno-lint-ignore no-console -- a bench prints its tables
  console.log(lines.join("\n"));
  for (const [name, cells] of columns) {
    for (const { profile, n, failed } of cells) {
      if (failed) note(`${name} ${profile} ${n}: ${failed}`);
    }
  }
  note(`${windows} windows, load ${Deno.loadavg()[0].toFixed(1)}`);
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function text(value: number | undefined): string {
  if (value === undefined) return "";
  return value >= 100
    ? Math.round(value).toLocaleString("en-US")
    : String(Number(value.toPrecision(3)));
}

function note(line: string): void {
  // deno-lint-ignore no-console -- a bench says what it does
  console.error(line);
}
