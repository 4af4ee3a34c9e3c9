import { simulate } from "./simulate.ts";

const DEFAULT_SEEDS = 1_000;

/** `TV_SIM_SEED` runs that one seed; `TV_SIM_SEEDS` runs so many, from 0. */
function seedsToRun(): { from: number; count: number } {
  const single = Deno.env.get("TV_SIM_SEED");
  if (single !== undefined) return { from: Number(single), count: 1 };
  return { from: 0, count: Number(Deno.env.get("TV_SIM_SEEDS") ?? DEFAULT_SEEDS) };
}

Deno.test("simulated clusters keep the scheduler's invariants, lose no task and come to an end", () => {
  const { from, count } = seedsToRun();
  for (let seed = from; seed < from + count; seed++) simulate(seed);
});
