import { assert } from "@std/assert";
import { NEEDS_MACHINES } from "../../provision/test_machines.ts";
import { S3_MISSING } from "./production/restartable_s3.ts";
import { runProductionChaos } from "./production/run_production_chaos.ts";
import { runChaos } from "./run_chaos.ts";

Deno.test("a head that is killed again and again under load commits every task once, with its result", async () => {
  const { kills, tasks, tellings } = await runChaos({ seed: 1, seconds: 8, victims: ["head"] });
  assert(kills.head >= 2, `${kills.head} kills`);
  assert(tellings > tasks, "no outcome was told anew");
});

Deno.test("executors, daemons and the head are killed at random: results are exact, and nothing is left behind", async () => {
  const { kills } = await runChaos({
    seed: 2,
    seconds: 8,
    victims: ["executor", "executor", "worker", "head"],
  });
  assert(kills.executor + kills.worker + kills.head >= 4, JSON.stringify(kills));
});

const REASON = S3_MISSING === undefined ? "" : ` (skipped: ${S3_MISSING})`;

Deno.test({
  name:
    `production comes to the same result while machines, head, tunnels and S3 fail, and nothing is left${REASON}`,
  ignore: NEEDS_MACHINES.ignore || S3_MISSING !== undefined,
  fn: async () => {
    // A machine that was off is believed to be away after a minute only.
    const plan = { seed: 3, seconds: 14, machines: 4, without: ["host killed"] } as const;
    const { faults } = await runProductionChaos(plan);
    assert(Object.keys(faults).length >= 6, JSON.stringify(faults));
  },
});
