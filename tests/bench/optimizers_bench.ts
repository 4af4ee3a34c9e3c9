/** Our optimisers beside skfolio, PyPortfolioOpt and Riskfolio-Lib on this machine, one after another:
 * `deno run -A tests/bench/optimizers_bench.ts [--budget S] [--sizes 20,100,500]`. Prints a Markdown table. */
import { parseArgs } from "@std/cli/parse-args";
import { PROFILE_NAMES, type ProfileName } from "../../src/quant/optimizers/profiles.ts";
import { loadQpSolver } from "../../src/quant/optimizers/qp_solver.ts";
import { factorPanel, windowOf } from "./optimizers/panel.ts";
import { askPeer, note, tableCell, tableRow } from "./optimizers/peer.ts";
import { solveOnce } from "./optimizers/tradewind.ts";

const LIBRARIES = ["skfolio", "pypfopt", "riskfolio"] as const;
const ASSETS = 500, ROWS = 2520, TRAIN = 252, SEED = 1;
/** Profiles that need no solving are left out. */
const TRIVIAL = new Set<ProfileName>(["market", "benchmark", "adaptive", "equal_weight"]);

/** Solves of a profile by one library. */
interface Cell {
  readonly profile: string;
  readonly n: number;
  readonly solvesPerS?: number;
  readonly failed?: string;
}

const flags = parseArgs(Deno.args, { string: ["budget", "sizes"] });
const budgetS = Number(flags.budget ?? 2);
const sizes = String(flags.sizes ?? "20,100,500").split(",").map(Number);
const panel = factorPanel(SEED, ROWS, ASSETS);
const profiles = PROFILE_NAMES.filter((name) => !TRIVIAL.has(name));
const columns = new Map<string, readonly Cell[]>([["tradewind", await ours()]]);
for (const library of LIBRARIES) {
  note(library);
  const cells = await askPeer<Cell>("solves.py", panel, { library, train: TRAIN, sizes, budgetS });
  if (cells === undefined) break;
  columns.set(library, cells);
}
printTable();

async function ours(): Promise<Cell[]> {
  const solver = await loadQpSolver();
  return sizes.flatMap((n) => {
    const window = windowOf(panel, ROWS - TRAIN, TRAIN, n);
    return profiles.map((profile) => {
      const solve = () => solveOnce(window, profile, solver);
      // As for the peers: what is compiled or loaded at first use is warm then.
      repeat(solve, budgetS / 4);
      return { profile, n, solvesPerS: repeat(solve, budgetS) };
    });
  });
}

/** Repeats work for some seconds, and at least once: times a second. */
function repeat(work: () => void, seconds: number): number {
  const startedAt = performance.now();
  let count = 0, elapsedS: number;
  do {
    work();
    count++;
    elapsedS = (performance.now() - startedAt) / 1000;
  } while (elapsedS < seconds);
  return count / elapsedS;
}

function printTable(): void {
  const names = [...columns.keys()];
  const lines = [
    tableRow(["Profile", "n", ...names.map((name) => `${name}, solves/s`)]),
    tableRow(["---", "---:", ...names.map(() => "---:")]),
  ];
  for (const profile of profiles) {
    for (const n of sizes) {
      const cells = names.map((name) =>
        columns.get(name)?.find((one) => one.profile === profile && one.n === n)
      );
      lines.push(
        tableRow([profile, String(n), ...cells.map((cell) => tableCell(cell?.solvesPerS))]),
      );
    }
  }
  // deno-lint-ignore no-console -- a bench prints its table
  console.log(lines.join("\n"));
  for (const [name, cells] of columns) {
    for (const { profile, n, failed } of cells) {
      if (failed) note(`${name} ${profile} ${n}: ${failed}`);
    }
  }
  note(`load ${Deno.loadavg()[0].toFixed(1)}`);
}
