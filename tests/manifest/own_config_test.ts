import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { UserError } from "../../src/base/errors.ts";
import { loadManifest } from "../../src/manifest/load_manifest.ts";
import { ROOT } from "../structure/sources.ts";

const NAMES = {
  engines: ["flat"],
  profiles: ["hrp"],
  simulators: ["vectorized"],
  metaProfiles: ["hrp"],
  metrics: ["sharpe"],
};

async function load(own: unknown, backtest: unknown = {}, folder?: string) {
  const dir = folder ?? await Deno.makeTempDir();
  const path = join(dir, `own_${crypto.randomUUID()}.jsonc`);
  const manifest = { default_profile: "p", own, profiles: { p: { prices: "p.csv", backtest } } };
  await Deno.writeTextFile(path, JSON.stringify(manifest));
  try {
    return await loadManifest(path, NAMES);
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("names of one's own are names of profiles and simulators, and modules are found from the project on", async () => {
  const config = await load(
    { strategies: { mine: "./own.ts#momentumTop3" }, simulators: { free: "a.js#b" } },
    { engines: ["flat"], profiles: ["mine", "hrp"], simulators: ["free"] },
    join(ROOT, "testdata/examples"),
  );
  assertEquals(config.backtest.profiles, ["mine", "hrp"]);
  assertEquals(config.own.strategies, {
    mine: { module: "testdata/examples/own.ts", exportName: "momentumTop3" },
  });
});

Deno.test("a manifest refuses a name that ours have, a reference without an export, and a module outside of the project", async () => {
  const refusal = async (own: unknown) => (await assertRejects(() => load(own), UserError)).message;
  assertStringIncludes(await refusal({ metrics: { sharpe: "./a.ts#b" } }), "sharpe");
  assertStringIncludes(await refusal({ profiles: { mine: "./a.ts" } }), "own.profiles.mine");
  assertStringIncludes(await refusal({ profiles: { mine: "./a.ts#b" } }), "outside of the project");
  assertStringIncludes(await refusal({ optimisers: {} }), "optimisers");
});
