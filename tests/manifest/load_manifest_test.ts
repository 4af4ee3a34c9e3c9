import { assertEquals, assertNotEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import { DEFAULTS } from "../../src/manifest/config.ts";
import { readDotEnv } from "../../src/manifest/dot_env.ts";
import { loadManifest, type LoadOptions, manifestHash } from "../../src/manifest/load_manifest.ts";

const NAMES = {
  engines: ["clustered", "flat"],
  profiles: ["equal_weight", "min_variance", "hrp", "risk_parity", "max_sharpe"],
  simulators: ["vectorized", "orders"],
  metaProfiles: ["equal_weight", "hrp"],
};

const MINIMAL = `{
  "default_profile": "stocks",
  "profiles": {
    "stocks": { "prices": "p.csv" }
  }
}`;

async function load(text: string, options: Partial<LoadOptions> = {}) {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/m.jsonc`, text);
    const config = await loadManifest(`${folder}/m.jsonc`, { ...NAMES, ...options });
    return { ...config, folder };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function assertRefused(
  text: string,
  options: Partial<LoadOptions>,
  ...parts: string[]
): Promise<void> {
  const { message, hint } = await assertRejects(() => load(text, options), UserError);
  for (const part of parts) assertStringIncludes(`${message} ${hint}`, part);
}

/** The manifest of one profile with a backtest section. */
const withBacktest = (members: string) =>
  MINIMAL.replace('"p.csv"', `"p.csv", "backtest": {${members}}`);

Deno.test("loadManifest() fills in every default, and finds prices beside the manifest", async () => {
  const { folder, manifestPath, ...config } = await load(MINIMAL);
  assertEquals(config, {
    profileName: "stocks",
    prices: `${folder}/p.csv`,
    synthetic: false,
    title: "stocks",
    ...DEFAULTS,
  });
  assertEquals(manifestPath, `${folder}/m.jsonc`);
});

Deno.test("loadManifest() lets each layer win over the ones before it", async () => {
  const text = `{ // five layers say a train
    "default_profile": "p",
    "defaults": { "backtest": { "train": 101, "test": 11, "step": 12 } },
    "profiles": { "p": { "prices": "p.csv", "backtest": { "train": 102 } } },
  }`;
  const dotEnv = { TV_BACKTEST__TRAIN: "103" };
  const env = { TV_BACKTEST__TRAIN: "104" };
  const overrides = [{ key: "backtest.train", value: "105", origin: "--train" }];
  const train = async (options: Partial<LoadOptions>) => (await load(text, options)).backtest.train;
  assertEquals(await train({}), 102);
  assertEquals(await train({ dotEnv }), 103);
  assertEquals(await train({ dotEnv, env }), 104);
  assertEquals(await train({ dotEnv, env, overrides }), 105);
  const { backtest } = await load(text, { env });
  assertEquals([backtest.test, backtest.step, backtest.slippage_bps], [11, 12, 5]);
});

Deno.test("loadManifest() turns the text of variables into numbers, lists and booleans", async () => {
  const { backtest, data, risk, discovery, synthetic, prices } = await load(MINIMAL, {
    env: {
      TV_BACKTEST__PROFILES: "hrp, equal_weight",
      TV_BACKTEST__ANCHORED: "1",
      TV_DATA__STRICT_HEALTH: "true",
      TV_RISK__CLUSTER_LOOKBACKS: "30,60",
      TV_RISK__MAX_WEIGHT: ".5",
      TV_DISCOVERY__SYMBOLS: "A,B",
      TV_SYNTHETIC: "true",
      TV_PRICES: "/data/x.csv",
      TV_BACKTEST__TRAIN: "",
    },
  });
  assertEquals(backtest.profiles, ["hrp", "equal_weight"]);
  assertEquals([backtest.anchored, data.strict_health, synthetic], [true, true, true]);
  assertEquals(risk.cluster_lookbacks, [30, 60]);
  assertEquals([risk.max_weight, backtest.train], [0.5, 252]);
  assertEquals(discovery.symbols, ["A", "B"]);
  assertEquals(prices, "/data/x.csv");
});

Deno.test("loadManifest() chooses the profile by flag, variable, .env, then default, aliases resolved", async () => {
  const text = `{
    "default_profile": "a",
    "profiles": { "a": {"prices": "p"}, "b": {"prices": "p"}, "c": {"prices": "p"} },
    "aliases": { "bee": "b" }
  }`;
  const chosen = async (options: Partial<LoadOptions>) => (await load(text, options)).profileName;
  assertEquals(await chosen({}), "a");
  assertEquals(await chosen({ dotEnv: { TV_PROFILE: "c" } }), "c");
  assertEquals(await chosen({ dotEnv: { TV_PROFILE: "c" }, env: { TV_PROFILE: "bee" } }), "b");
  assertEquals(await chosen({ env: { TV_PROFILE: "bee" }, profile: "a" }), "a");
  await assertRefused(
    text,
    { profile: "beee" },
    'no profile or alias is called "beee"',
    'mean "bee"',
  );
  await assertRefused(text, { profile: "constructor" }, 'is called "constructor"');
});

Deno.test("loadManifest() names place and nearest key for a key that does not exist", async () => {
  await assertRefused(
    withBacktest('\n  "trian": 252'),
    {},
    'm.jsonc:5:3: profiles.stocks.backtest has no key "trian"',
    'Did you mean "train"?',
  );
  await assertRefused(
    MINIMAL.replace("profiles", "profile"),
    {},
    'm.jsonc:3:3: the manifest has no key "profile"',
  );
  await assertRefused(
    MINIMAL.replace("prices", "price"),
    {},
    "m.jsonc:4:17",
    'Did you mean "prices"?',
  );
  await assertRefused(
    MINIMAL.replace('"p.csv"', '"p.csv", "bactest": {}'),
    {},
    'Did you mean "backtest"?',
  );
});

Deno.test("loadManifest() names place, value and what is expected for a wrong value", async () => {
  const cases: [string, string][] = [
    [
      '"train": "252"',
      'm.jsonc:4:58: profiles.stocks.backtest.train is "252"; expected a whole number from 2',
    ],
    ['"train": 1.5', "train is 1.5; expected a whole number from 2"],
    ['"train": -5', "train is -5; expected a whole number from 2"],
    ['"slippage_bps": -1', "slippage_bps is -1; expected a number from 0 to 10000"],
    ['"initial_wealth": 0', "initial_wealth is 0; expected a number above 0"],
    ['"engines": []', "engines is []; expected a list of names of engines, not empty"],
    ['"profiles": ["hrp", "hrp"]', "expected a list of names of optimiser profiles, each once"],
    ['"anchored": 1', "anchored is 1; expected true or false"],
    ['"train": null', "train is null; expected a whole number"],
  ];
  for (const [members, part] of cases) await assertRefused(withBacktest(members), {}, part);
  await assertRefused(
    MINIMAL.replace('{ "prices": "p.csv" }', "[]"),
    {},
    "profiles.stocks is []; expected an object",
  );
  await assertRefused(
    MINIMAL.replace('"stocks": {', '"../x": {'),
    {},
    "m.jsonc:4:5",
    "letters, digits",
  );
});

Deno.test("loadManifest() names the nearest engine, profile and simulator", async () => {
  await assertRefused(
    withBacktest('"profiles": ["min_varance"]'),
    {},
    "profiles.0 is",
    'Did you mean "min_variance"?',
  );
  await assertRefused(withBacktest('"engines": ["clusterd"]'), {}, 'Did you mean "clustered"?');
  await assertRefused(
    withBacktest('"simulators": ["vectorised"]'),
    {},
    'Did you mean "vectorized"?',
  );
});

Deno.test("loadManifest() shows all problems of a manifest at once", async () => {
  await assertRefused(withBacktest('"train": "x", "tset": 3'), {}, "train is", 'no key "tset"');
});

Deno.test("loadManifest() names the variable or the flag that is wrong", async () => {
  const env = (name: string, value: string): Partial<LoadOptions> => ({ env: { [name]: value } });
  await assertRefused(
    MINIMAL,
    env("TV_BACKTEST__TRIAN", "9"),
    "TV_BACKTEST__TRIAN in the environment",
    '"train"',
  );
  await assertRefused(
    MINIMAL,
    env("TV_BACKTEST__TRAIN", "soon"),
    'backtest.train is "soon"; expected a whole',
  );
  await assertRefused(MINIMAL, env("TV_BACKTEST", "9"), "backtest is a section");
  await assertRefused(MINIMAL, env("TV_BACKTEST__PROFILES", "hpr"), 'Did you mean "hrp"?');
  await assertRefused(
    MINIMAL,
    { dotEnv: { TV_RISK__MAX_WEIGHT: "2" } },
    "TV_RISK__MAX_WEIGHT in .env",
  );
  const overrides = [{ key: "backtest.trian", value: "9", origin: "--set" }];
  await assertRefused(MINIMAL, { overrides }, "--set", 'Did you mean "train"?');
});

Deno.test("loadManifest() leaves TV_* variables of others alone", async () => {
  const { backtest } = await load(MINIMAL, {
    env: { TV_LOG_LEVEL: "x", TV_S3__BUCKET: "y", BACKTEST__TRAIN: "1" },
  });
  assertEquals(backtest, DEFAULTS.backtest);
});

Deno.test("loadManifest() refuses JSONC that is broken, with line and column", async () => {
  await assertRefused('{\n  "a": 1,,\n}', {}, "m.jsonc:2:10 as JSONC", "unexpected token");
  await assertRefused('{\n  "a": ', {}, "m.jsonc:2:", "unexpected end");
  await assertRefused("", {}, "m.jsonc:1:1");
  await assertRefused("[1]", {}, "the manifest is [1]; expected an object");
  await assertRefused(
    '{"default_profile": "a", "profiles": {},\n "default_profile": "b"}',
    {},
    "m.jsonc:2:2: default_profile stands there a second time, after 1:2",
  );
  const missing = () => loadManifest("/nonexistent/m.jsonc", NAMES);
  await assertRejects(
    missing,
    UserError,
    "Cannot read the manifest /nonexistent/m.jsonc: no such file",
  );
});

Deno.test("loadManifest() refuses a cross-validation that cannot be trained", async () => {
  await assertRefused(
    withBacktest('"cross_validation": { "groups": 4, "test_groups": 4 }'),
    {},
    "backtest.cross_validation.test_groups 4 leaves none of groups 4 to train on",
  );
  await assertRefused(
    `{"default_profile": "p", "profiles": {"p": {"prices": "a.csv", "selection": {"modes": ["ladder"]},
      "backtest": {"cross_validation": {"groups": 4, "test_groups": 2}}}}}`,
    {},
    "which ladder of selection.modes cannot",
  );
  await assertRefused(
    withBacktest('"cross_validation": { "groups": 4 }'),
    {},
    "test_groups",
  );
});

Deno.test("loadManifest() refuses what only together is wrong", async () => {
  await assertRefused(
    withBacktest('"step": 10'),
    {},
    "backtest.step 10 is less than backtest.test 20",
  );
  await assertRefused(
    withBacktest('"train": 480'),
    {},
    "data.lookback_days 500 has no room",
    "at least 501",
  );
  const floor = { env: { TV_DATA__LOOKBACK_DAYS: "300" } };
  await assertRefused(MINIMAL, floor, "data.min_days_floor 320 is above data.lookback_days 300");
  await assertRefused(
    MINIMAL.replace('"prices": "p.csv"', ""),
    {},
    "the profile stocks names no prices",
  );
  const aliased = MINIMAL.replace('"profiles"', '"aliases": {"s": "stoks"},\n "profiles"');
  await assertRefused(
    MINIMAL.replace('"stocks",', '"stonks",'),
    {},
    'm.jsonc:2:22: default_profile is "stonks"',
  );
  await assertRefused(aliased, {}, 'm.jsonc:3:20: aliases.s is "stoks"', 'Did you mean "stocks"?');
});

Deno.test("manifestHash() tells configurations apart, but not the folders they lie in", async () => {
  const config = await load(MINIMAL);
  const { folder: _first, ...here } = config;
  const { folder: _second, ...there } = await load(MINIMAL);
  assertEquals(manifestHash(here), manifestHash(there));
  const backtest = { ...here.backtest, train: 100 };
  assertNotEquals(manifestHash({ ...here, backtest }), manifestHash(here));
  assertNotEquals(manifestHash({ ...here, prices: "other.csv" }), manifestHash(here));
});

Deno.test("readDotEnv() reads assignments, quotes and comments, and nothing where there is no file", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, '# local\nTV_PROFILE=crypto\nTV_TITLE="a # b"\n');
    assertEquals(await readDotEnv(path), { TV_PROFILE: "crypto", TV_TITLE: "a # b" });
  } finally {
    await Deno.remove(path);
  }
  assertEquals(await readDotEnv(path), {});
});

const withSections = (sections: string) => MINIMAL.replace('"p.csv"', `"p.csv", ${sections}`);

Deno.test("loadManifest() reads how symbols are selected and atoms are made, from variables as well", async () => {
  const text = withSections(
    '"selection": { "modes": ["ladder"], "directions": ["LONG", "SHORT"] }',
  );
  const env = { TV_SELECTION__TOP_N: "5", TV_SYNTHESIS__ENABLED: "true" };
  const { selection, synthesis } = await load(text, { env });
  assertEquals(selection, {
    ...DEFAULTS.selection,
    modes: ["ladder"],
    directions: ["LONG", "SHORT"],
    top_n: 5,
  });
  assertEquals(synthesis, { ...DEFAULTS.synthesis, enabled: true });
});

Deno.test("loadManifest() refuses short positions without atoms, more winners than there may be, and unknown modes", async () => {
  await assertRefused(
    withSections('"selection": { "directions": ["SHORT"] }'),
    {},
    "selection.directions has SHORT, but synthesis.enabled is false",
    "Set synthesis.enabled to true",
  );
  await assertRefused(
    withSections('"selection": { "min_winners": 9, "max_winners": 8 }'),
    {},
    "selection.min_winners 9 is above selection.max_winners 8",
  );
  await assertRefused(
    withSections('"selection": { "modes": ["best"] }'),
    {},
    "one of baseline, ladder",
  );
});

Deno.test("traded values are found beside the manifest, and the manifest's hash does not depend on the folder", async () => {
  const text = withSections('"selection": { "modes": ["liquid"], "traded_values": "t.csv" }');
  const [one, other] = [await load(text), await load(text)];
  assertEquals(one.selection.traded_values, `${one.folder}/t.csv`);
  const hashOf = ({ folder: _, ...config }: typeof one) => manifestHash(config);
  assertEquals(hashOf(one), hashOf(other));
  const renamed = { ...one, selection: { ...one.selection, traded_values: "u.csv" } };
  assertNotEquals(hashOf(renamed), hashOf(one));
});

Deno.test("loadManifest() reads the limits of the gates, and refuses one that is no metric of a gate", async () => {
  const { gates } = await load(withSections('"gates": { "turnover": 0.1, "stress_alpha": -0.01 }'));
  assertEquals(gates, { ...DEFAULTS.gates, turnover: 0.1, stress_alpha: -0.01 });
  await assertRefused(withSections('"gates": { "turnovr": 0.1 }'), {}, "turnover");
});

Deno.test("loadManifest() reads estimators and limits of weights, and refuses those that contradict each other", async () => {
  const withRisk = (members: string) => MINIMAL.replace('"p.csv"', `"p.csv", "risk": {${members}}`);
  const { risk } = await load(withRisk(`"covariance": "denoised", "max_short": 0.2, "net_min": 0`));
  assertEquals(risk, {
    ...DEFAULTS.risk,
    covariance: "denoised",
    max_short: 0.2,
    net_min: 0,
  });
  const refused: readonly (readonly [string, ...string[]])[] = [
    [`"covariance": "shrunk"`, "ledoit_wolf, sample, oas, ewma, denoised"],
    [`"min_weight": 0.3`, "risk.min_weight 0.3 is above risk.max_weight 0.25"],
    [`"min_weight": 0.01, "max_short": 0.1`, "Leave one of them out"],
    [`"net_min": 0.9, "net_max": 0.5`, "risk.net_min 0.9 is above risk.net_max 0.5"],
    [`"gross_limit": 0.5`, "risk.gross_limit 0.5 is below risk.net_min 1"],
  ];
  for (const [members, ...parts] of refused) await assertRefused(withRisk(members), {}, ...parts);
});
