// Runs many simulated clusters: `deno run --allow-env tests/simulation/main.ts --seeds 1000 [--from 0]`.
// Stops at the first that fails, and prints its seed.
import { parseArgs } from "@std/cli/parse-args";
import { simulate } from "./simulate.ts";

const flags = parseArgs(Deno.args, {
  string: ["seeds", "from"],
  default: { seeds: "500", from: "0" },
});
const from = Number(flags.from);
const seeds = Number(flags.seeds);
let steps = 0;
const startMs = performance.now();
for (let seed = from; seed < from + seeds; seed++) steps += simulate(seed).steps;
const seconds = ((performance.now() - startMs) / 1e3).toFixed(1);
// deno-lint-ignore no-console -- the runner's output
console.log(`${seeds} simulations from seed ${from}: ${steps} steps in ${seconds} s, none failed`);
