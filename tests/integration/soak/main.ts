// A mixed load for as long as one likes: `deno task test:soak [--minutes N] [--rounds-per-second N]`. It fails when
// something grows.
import { parseArgs } from "@std/cli/parse-args";
import { runSoak } from "./run_soak.ts";

const flags = parseArgs(Deno.args, { string: ["minutes", "rounds-per-second"] });
// deno-lint-ignore no-console -- the command's output
const print = (line: string) => console.log(line);
const seconds = 60 * Number(flags.minutes ?? 60);
const roundsPerSecond = Number(flags["rounds-per-second"] ?? 2);
const rounds = await runSoak({ seconds, roundsPerSecond, onLine: print });
print(`${rounds} rounds, and nothing grows`);
