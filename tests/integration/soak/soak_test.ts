import { assert } from "@std/assert";
import { runSoak } from "./run_soak.ts";

const SECONDS = 40;

Deno.test("head and daemons under a mixed load keep no more memory, open files or disk the longer it takes", async () => {
  const rounds = await runSoak({ seconds: SECONDS, roundsPerSecond: 2 });
  assert(rounds > 0);
});
