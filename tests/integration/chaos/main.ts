// Faults for as long as one likes: `deno task test:chaos [--minutes N] [--seed N] [--load production|tasks]`.
import { parseArgs } from "@std/cli/parse-args";
import { runProductionChaos } from "./production/run_production_chaos.ts";
import { runChaos } from "./run_chaos.ts";

const MACHINES = 4;

const flags = parseArgs(Deno.args, { string: ["minutes", "seed", "load"] });
const seed = Number(flags.seed ?? Date.now() % 1_000_000);
const seconds = 60 * Number(flags.minutes ?? 1);
const load = flags.load ?? "production";
// deno-lint-ignore no-console -- the command's output
const print = (line: string) => console.log(line);
print(`seed ${seed}, ${seconds} s, ${load}`);
const report = load === "tasks"
  ? await runChaos({ seed, seconds, victims: ["executor", "executor", "worker", "head"] })
  : await runProductionChaos({ seed, seconds, machines: MACHINES, onLine: print });
print(JSON.stringify(report));
