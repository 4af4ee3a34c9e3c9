// A mixed load for as long as one likes: `deno task test:soak [--minutes N]`. It fails when something grows.
import { parseArgs } from "@std/cli/parse-args";
import { runSoak } from "./run_soak.ts";

const flags = parseArgs(Deno.args, { string: ["minutes"] });
// deno-lint-ignore no-console -- the command's output
const print = (line: string) => console.log(line);
const rounds = await runSoak({ seconds: 60 * Number(flags.minutes ?? 60), onLine: print });
print(`${rounds} rounds, and nothing grows`);
