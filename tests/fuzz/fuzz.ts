import { createRng } from "../../src/base/rng.ts";
import { mutate } from "./mutate.ts";

/** Something at the edge that takes bytes from strangers. */
export interface FuzzTarget {
  readonly name: string;
  /** What it should take, from which mutants are made. */
  readonly seeds: readonly Uint8Array[];
  /** Takes bytes, or throws. */
  readonly run: (bytes: Uint8Array<ArrayBuffer>) => unknown;
  /** Names of the errors by which it may refuse; each has to say what cannot be done. */
  readonly refusals: readonly string[];
}

/** What came of it. */
export interface FuzzOutcome {
  readonly cases: number;
  readonly refused: number;
}

/** A mutant may take so long; none should take a hundredth of it, but machines are busy. */
const MAX_CASE_MS = 10_000;
const MAX_GROWTH_BYTES = 512 * 2 ** 20;
const MAX_MESSAGE_LENGTH = 64 * 1_024;

/** Gives a target mutants until `goesOn` says no more.
 * @param seed equal seeds give equal mutants
 * @throws {Error} with seed, case and mutant, when it throws what it may not, hangs, or grows */
export async function fuzz(
  target: FuzzTarget,
  seed: number,
  goesOn: (cases: number) => boolean,
): Promise<FuzzOutcome> {
  const rng = createRng(seed);
  // A Buffer's slices are views: mutants of one would change it.
  const seeds = target.seeds.map((bytes) => new Uint8Array(bytes));
  const rssBefore = Deno.memoryUsage().rss;
  let cases = 0, refused = 0;
  for (; goesOn(cases); cases++) {
    const origin = seeds[rng.below(seeds.length)];
    const mutant = new Uint8Array(mutate(origin, seeds, rng));
    const fail = (reason: string, cause?: unknown): never => {
      const hex = mutant.toHex();
      throw new Error(
        `${target.name}, seed ${seed}, case ${cases}: ${reason}\nkeep it as tests/fuzz/corpus/${target.name}--NAME.hex:\n${hex}`,
        { cause },
      );
    };
    const startMs = performance.now();
    const refusal = await refusalOf(target, mutant).catch((error) => fail(`${error}`, error));
    if (refusal) refused++;
    const tookMs = performance.now() - startMs;
    if (tookMs > MAX_CASE_MS) fail(`it took ${Math.round(tookMs)} ms`);
  }
  const growth = Deno.memoryUsage().rss - rssBefore;
  if (growth > MAX_GROWTH_BYTES) {
    throw new Error(
      `${target.name}, seed ${seed}: ${Math.round(growth / 2 ** 20)} MiB more than before`,
    );
  }
  return { cases, refused };
}

/** Whether a target refuses some bytes.
 * @throws what it may not throw */
export async function refusalOf(
  { refusals, run }: FuzzTarget,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  try {
    await run(bytes);
    return false;
  } catch (error) {
    const isFine = error instanceof Error && refusals.includes(error.name) &&
      /^Cannot |^The /.test(error.message) && error.message.length < MAX_MESSAGE_LENGTH;
    if (!isFine) throw error;
    return true;
  }
}
