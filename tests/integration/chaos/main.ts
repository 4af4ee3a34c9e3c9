// Faults for as long as one likes: `deno task test:chaos [--seconds N] [--seed N]`.
import { parseArgs } from "@std/cli/parse-args";
import { runChaos } from "./run_chaos.ts";

const flags = parseArgs(Deno.args, { string: ["seconds", "seed"] });
const seed = Number(flags.seed ?? Date.now() % 1_000_000);
const seconds = Number(flags.seconds ?? 60);
// deno-lint-ignore no-console -- the command's output
console.log(`seed ${seed}, ${seconds} s`);
const report = await runChaos({
  seed,
  seconds,
  victims: ["executor", "executor", "worker", "head"],
});
// deno-lint-ignore no-console -- the command's output
console.log(JSON.stringify(report));
