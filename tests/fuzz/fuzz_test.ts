import { assert } from "@std/assert";
import { fuzz, refusalOf } from "./fuzz.ts";
import { fuzzTargets } from "./targets.ts";

const SEED = Number(Deno.env.get("TV_FUZZ_SEED") ?? 20_261_124);
const CASES = 250;

/** Mutants that broke something once, by the name of their target. */
function corpus(): { readonly target: string; readonly name: string; readonly hex: string }[] {
  const folder = new URL("./corpus/", import.meta.url);
  return [...Deno.readDirSync(folder)].flatMap(({ name }) => {
    const [, target] = /^(.+)--.+\.hex$/.exec(name) ?? [];
    return target === undefined
      ? []
      : [{ target, name, hex: Deno.readTextFileSync(new URL(name, folder)).trim() }];
  });
}

Deno.test(`mutants of all that comes from files or the network are read or refused (TV_FUZZ_SEED=${SEED})`, async (test) => {
  const folder = await Deno.makeTempDir();
  try {
    for (const target of await fuzzTargets(folder)) {
      await test.step(target.name, async () => {
        const taken = await Promise.all(
          target.seeds.map(async (seed) => !await refusalOf(target, new Uint8Array(seed))),
        );
        assert(taken.includes(true), "it takes none of its seeds");
        const { refused } = await fuzz(target, SEED, (cases) => cases < CASES);
        assert(refused > 0, "none was refused: the mutants are too tame, or nothing is checked");
      });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("what broke something once is read or refused", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const targets = new Map((await fuzzTargets(folder)).map((target) => [target.name, target]));
    for (const { target: name, hex, name: file } of corpus()) {
      const target = targets.get(name);
      assert(target !== undefined, `${file} is for no target`);
      await refusalOf(target, Uint8Array.fromHex(hex));
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
