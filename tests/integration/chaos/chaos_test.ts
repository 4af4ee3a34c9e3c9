import { assert } from "@std/assert";
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
