// Fuzzes all targets by turns: `deno task test:fuzz --minutes 10 --seed 1 [--target NAME]`. Prints what failed with its
// seed and its bytes, and ends with 1.
import { parseArgs } from "@std/cli/parse-args";
import { fuzz } from "./fuzz.ts";
import { fuzzTargets } from "./targets.ts";

const TURN_MS = 2_000;

const flags = parseArgs(Deno.args, {
  string: ["minutes", "seed", "target"],
  default: { minutes: "1", seed: "1" },
});
const endMs = performance.now() + Number(flags.minutes) * 60_000;
const folder = await Deno.makeTempDir();
const counts = new Map<string, { cases: number; refused: number }>();
let hasFailed = false;
const targets = (await fuzzTargets(folder)).filter(({ name }) =>
  flags.target === undefined || name === flags.target
);
for (let seed = Number(flags.seed); performance.now() < endMs && targets.length > 0; seed++) {
  for (const target of targets) {
    const turnEndMs = Math.min(endMs, performance.now() + TURN_MS);
    try {
      const { cases, refused } = await fuzz(target, seed, () => performance.now() < turnEndMs);
      const sum = counts.get(target.name) ?? { cases: 0, refused: 0 };
      counts.set(target.name, { cases: sum.cases + cases, refused: sum.refused + refused });
    } catch (error) {
      hasFailed = true;
      say(error instanceof Error ? error.message : String(error));
    }
  }
}
await Deno.remove(folder, { recursive: true });
for (const [name, { cases, refused }] of counts) {
  say(`${name}: ${cases} mutants, ${refused} refused`);
}
Deno.exit(hasFailed ? 1 : 0);

function say(line: string): void {
  // deno-lint-ignore no-console -- the runner's output
  console.log(line);
}
