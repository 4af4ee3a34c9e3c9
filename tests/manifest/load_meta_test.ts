import { assertEquals, assertNotEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import { loadManifest } from "../../src/manifest/load_manifest.ts";
import { loadMeta, metaHash, type MetaLoadOptions } from "../../src/manifest/load_meta.ts";
import { GATES_DEFAULTS } from "../../src/manifest/gates_config.ts";
import { META_DEFAULTS } from "../../src/manifest/meta_config.ts";

const NAMES = {
  engines: ["clustered", "flat"],
  profiles: ["equal_weight", "min_variance", "hrp", "risk_parity", "max_sharpe", "market"],
  simulators: ["vectorized"],
  metaProfiles: ["equal_weight", "min_variance", "hrp"],
};

const TWO = '[{ "id": "a", "profile": "p" }, { "id": "b", "profile": "q" }]';

/** A manifest with two profiles, an alias, and whatever else is given. */
const manifest = (members: string, defaults = "{}") =>
  `{
  "default_profile": "p",
  "defaults": ${defaults},
  "profiles": { "p": { "prices": "p.csv" }, "q": { "prices": "q.csv" } },
  "aliases": { "queue": "q" },
${members}
}`;

const one = (sleeves: string, more = "") =>
  manifest(`  "meta_profiles": { "m": { ${more}"sleeves": ${sleeves} } }`);

async function load(text: string, options: Partial<MetaLoadOptions> = {}) {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/m.jsonc`;
    await Deno.writeTextFile(path, text);
    return await loadMeta(path, { ...NAMES, ...options });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function assertRefused(
  text: string,
  options: Partial<MetaLoadOptions>,
  ...parts: string[]
): Promise<void> {
  const { message, hint } = await assertRejects(() => load(text, options), UserError);
  for (const part of parts) assertStringIncludes(`${message} ${hint}`, part);
}

Deno.test("loadMeta() fills in every default and resolves the profiles of the sleeves, aliases too", async () => {
  const config = await load(
    one('[{ "id": "a", "profile": "p" }, { "id": "b", "profile": "queue" }]'),
  );
  assertEquals(config.meta, META_DEFAULTS);
  assertEquals([config.metaProfileName, config.title], ["m", "m"]);
  assertEquals(
    config.sleeves.map((sleeve) => sleeve.type === "profile" && sleeve.production.profileName),
    ["p", "q"],
  );
  assertEquals(config.sleeves.map(({ candidate }) => candidate), [{}, {}]);
});

Deno.test("loadMeta() lets each layer win over the ones before it", async () => {
  const text = manifest(
    `"meta_profiles": { "m": { "meta": { "train": 102 }, "sleeves": ${TWO} } }`,
    '{ "meta": { "train": 101, "step": 5 } }',
  );
  const dotEnv = { TV_META__TRAIN: "103" };
  const env = { TV_META__TRAIN: "104", TV_BACKTEST__TRAIN: "77" };
  assertEquals((await load(text)).meta.train, 102);
  assertEquals((await load(text, { dotEnv })).meta.train, 103);
  const { meta, sleeves } = await load(text, { dotEnv, env });
  assertEquals([meta.train, meta.step], [104, 5]);
  const [first] = sleeves;
  assertEquals(first.type === "profile" && first.production.backtest.train, 77);
});

Deno.test("loadMeta() chooses the meta profile by flag, variable, .env, default, or as there is one alone", async () => {
  const both = (more: string) =>
    manifest(
      `${more} "meta_profiles": { "m": { "sleeves": ${TWO} }, "n": { "sleeves": ${TWO} } }`,
    );
  const chosen = async (text: string, options: Partial<MetaLoadOptions> = {}) =>
    (await load(text, options)).metaProfileName;
  const text = both('"default_meta_profile": "n",');
  assertEquals(await chosen(one(TWO)), "m");
  assertEquals(await chosen(text), "n");
  assertEquals(await chosen(text, { dotEnv: { TV_META_PROFILE: "m" } }), "m");
  const env = { TV_META_PROFILE: "n" };
  assertEquals(await chosen(text, { dotEnv: { TV_META_PROFILE: "m" }, env }), "n");
  assertEquals(await chosen(text, { env, metaProfile: "m" }), "m");
  await assertRefused(both(""), {}, "no meta profile is asked for", "m, n");
  await assertRefused(text, { metaProfile: "mm" }, 'is called "mm"', 'Did you mean "m"?');
  await assertRefused(
    manifest('"aliases2": {}').replace('"aliases2": {}', '"meta_profiles": {}'),
    {},
    "it has no meta_profiles",
  );
});

Deno.test("loadMeta() resolves meta profiles within meta profiles, three deep", async () => {
  const nest = (id: string, name: string) =>
    `[{ "id": "${id}", "meta_profile": "${name}" }, { "id": "flat", "profile": "p" }]`;
  const text = manifest(`"default_meta_profile": "outer", "meta_profiles": {
    "outer": { "sleeves": ${nest("mid", "middle")} },
    "middle": { "sleeves": ${nest("in", "inner")} },
    "inner": { "sleeves": ${TWO} }
  }`);
  const [mid] = (await load(text)).sleeves;
  const inner = mid.type === "meta" ? mid.nested.sleeves[0] : undefined;
  assertEquals(inner?.type === "meta" && inner.nested.metaProfileName, "inner");
  const deeper = text.replace(
    '"outer": {',
    `"top": { "sleeves": ${nest("o", "outer")} }, "outer": {`,
  );
  await assertRefused(deeper, {}, "too deep: top → outer → middle → inner", "At most 3");
});

Deno.test("loadMeta() names the path of a cycle", async () => {
  const text = manifest(`"meta_profiles": {
    "a": { "sleeves": [{ "id": "b", "meta_profile": "b" }, { "id": "x", "profile": "p" }] },
    "b": { "sleeves": [
      { "id": "x", "profile": "p" },
      { "id": "a", "meta_profile": "a" }
    ] }
  }`);
  await assertRefused(
    text,
    {},
    'm.jsonc:10:36: meta_profiles.b.sleeves.1.meta_profile is "a", which closes a cycle: a → b → a',
  );
  const self = text.replace('"meta_profile": "b"', '"meta_profile": "a"');
  await assertRefused(self, {}, "which closes a cycle: a → a");
  // A cycle is an error of the manifest, also for runs of other profiles.
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, text);
  await assertRejects(() => loadManifest(path, NAMES), UserError, "closes a cycle");
  await Deno.remove(path);
});

Deno.test("loadMeta() names place and reason of what is wrong with a sleeve", async () => {
  const b = '{ "id": "b", "profile": "q" }';
  const cases: [string, ...string[]][] = [
    [`[${b}]`, "expected a list of at least two sleeves"],
    [
      `[{ "id": "a" }, ${b}]`,
      "m.jsonc:6:41: meta_profiles.m.sleeves.0 needs either profile or meta_profile",
    ],
    [`[{ "id": "a", "profile": "p", "meta_profile": "m" }, ${b}]`, "needs either"],
    [`[{ "id": "b", "profile": "p" }, ${b}]`, 'sleeves.1.id is "b", as another sleeve\'s'],
    [`[{ "id": "a", "profile": "pp" }, ${b}]`, 'sleeves.0.profile is "pp"', 'Did you mean "p"?'],
    [`[{ "id": "a", "meta_profile": "n" }, ${b}]`, 'meta_profile is "n", but', 'mean "m"?'],
    [`[{ "id": "a/b", "profile": "p" }, ${b}]`, "expected 1 to 32 letters, digits and _"],
    [`[{ "id": "a", "profil": "p" }, ${b}]`, 'sleeves.0 has no key "profil"', 'mean "profile"?'],
    [
      `[{ "id": "a", "profile": "p", "candidate": { "profil": "hrp" } }, ${b}]`,
      'candidate has no key "profil"',
      'Did you mean "profile"? There are: selection, engine, profile, rebalance, simulator.',
    ],
    [
      `[{ "id": "a", "meta_profile": "m", "run_id": "r" }, ${b}]`,
      "run_id belongs to a profile",
    ],
  ];
  for (const [sleeves, ...parts] of cases) await assertRefused(one(sleeves), {}, ...parts);
});

Deno.test("loadMeta() names key, value and origin of what is wrong in section meta", async () => {
  const meta = (members: string) => one(TWO, `"meta": {${members}}, `);
  await assertRefused(
    meta('"trian": 1'),
    {},
    'meta_profiles.m.meta has no key "trian"',
    '"train"?',
  );
  await assertRefused(meta('"profiles": ["market"]'), {}, "expected one of equal_weight,");
  await assertRefused(meta('"on_failure": "ignore"'), {}, "expected one of fail, continue");
  await assertRefused(
    meta('"min_weight": 0.6, "max_weight": 0.4'),
    {},
    "meta profile m: meta.min_weight 0.6 is above meta.max_weight 0.4",
  );
  await assertRefused(meta('"min_weight": 0.6, "max_weight": 1'), {}, "is more than the whole");
  await assertRefused(meta('"max_weight": 0.4'), {}, "is less than the whole", "at least 0.500");
  const env = { TV_META__TRIAN: "1" };
  await assertRefused(one(TWO), { env }, "TV_META__TRIAN in the environment", '"train"');
  await assertRefused(one(TWO), { env: { TV_META__TRAIN: "x" } }, 'meta.train is "x"');
});

Deno.test("a profile of its own has no section meta, and a variable of it says nothing to production", async () => {
  const text = one(TWO).replace('"prices": "p.csv"', '"prices": "p.csv", "meta": {}');
  await assertRefused(text, {}, 'profiles.p has no key "meta"');
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, one(TWO));
  assertEquals(
    (await loadManifest(path, { ...NAMES, env: { TV_META__TRAIN: "9" } })).profileName,
    "p",
  );
  await Deno.remove(path);
});

Deno.test("metaHash() tells configurations apart, but not the folders they lie in", async () => {
  const here = await load(one(TWO));
  assertEquals(metaHash(here), metaHash(await load(one(TWO))));
  assertNotEquals(metaHash(here), metaHash(await load(one(TWO), { env: { TV_META__TRAIN: "9" } })));
  const chosen = one(TWO.replace('"p" }', '"p", "candidate": { "profile": "hrp" } }'));
  assertNotEquals(metaHash(here), metaHash(await load(chosen)));
  assertNotEquals(
    metaHash(here),
    metaHash(await load(one(TWO.replace('"q" }', '"q", "run_id": "r" }')))),
  );
});

Deno.test("loadMeta() takes the gates of the variables, the meta profile, defaults, in this order", async () => {
  const text = manifest(
    `  "meta_profiles": { "m": { "gates": { "turnover": 0.2, "antifragility": 0 }, "sleeves": ${TWO} } }`,
    '{ "gates": { "turnover": 0.3, "friction_decay": 0.4 } }',
  );
  const { gates } = await load(text, { env: { TV_GATES__ANTIFRAGILITY: "-0.1" } });
  assertEquals(gates, {
    ...GATES_DEFAULTS,
    turnover: 0.2,
    friction_decay: 0.4,
    antifragility: -0.1,
  });
  const nested = one(TWO, '"gates": { "turnovr": 0.2 }, ');
  await assertRefused(nested, {}, "turnovr", "turnover");
});
