import { crossValidationProblem } from "./cross_validation_problem.ts";
import { basename, dirname, resolve } from "@std/path";
import { canonicalJson } from "../base/canonical_json.ts";
import { errorMessage, UserError } from "../base/errors.ts";
import { sha256Hex } from "../base/hash.ts";
import { isUrl } from "../base/is_url.ts";
import { type ConfigLayer, DEFAULTS, type ProductionConfig } from "./config.ts";
import {
  layerFromOverrides,
  type Override,
  overridesFromVariables,
  PROFILE_VARIABLE,
} from "./overrides.ts";
import { parseManifest } from "./parse_manifest.ts";
import { riskProblem } from "./risk_config.ts";
import { selectionProblem } from "./selection_config.ts";
import { nearestHint } from "../base/config_problem.ts";
import { resolveOwn } from "./own_config.ts";
import { type AllowedNames, layerSchema, type Manifest, withOwnNames } from "./schema.ts";

/** What goes into a configuration beside the manifest; see {@linkcode loadManifest} for what wins. */
export interface LoadOptions extends AllowedNames {
  /** The profile or alias, as `--profile` gives it. */
  readonly profile?: string;
  /** What flags say. */
  readonly overrides?: readonly Override[];
  /** The process's variables, of which `TV_*` count. */
  readonly env?: Readonly<Record<string, string>>;
  /** The variables of a `.env` file, of which `TV_*` count. */
  readonly dotEnv?: Readonly<Record<string, string>>;
}

/** Reads a manifest (JSONC) and resolves one profile of it. A flag wins over a `TV_*` variable, that over `.env`, that
 * over the profile, that over `defaults`, that over {@linkcode DEFAULTS}. Sections are merged key by key; a list is
 * replaced whole. Relative price paths are of the manifest's folder; those of flags and variables, of the working
 * directory.
 * @throws {UserError} with file, line and column (or the flag or variable), the key, its value, and the nearest valid
 * name where one is misspelt */
export async function loadManifest(path: string, options: LoadOptions): Promise<ProductionConfig> {
  const manifest = await readManifest(path, options);
  const profileName = chooseProfile(manifest, path, options);
  return resolveProfile(manifest, profileName, path, options);
}

/** Reads a manifest without resolving anything of it.
 * @throws {UserError} as {@linkcode loadManifest} */
export async function readManifest(path: string, names: AllowedNames): Promise<Manifest> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (cause) {
    const reason = cause instanceof Deno.errors.NotFound ? "no such file" : errorMessage(cause);
    throw new UserError("file/unreadable", `Cannot read the manifest ${path}: ${reason}`, {
      cause,
    });
  }
  return parseManifest(text, path, names);
}

/** SHA-256 of what a configuration says, the same on every machine: the folders of the manifest and of the files that
 * it names do not count (the ledger names these by the hashes of their content), nor do the sources, which the data
 * operations use and runs do not, and where runs are stored. */
export function manifestHash(config: ProductionConfig): string {
  const {
    manifestPath: _,
    sources: _sources,
    storage: _storage,
    prices,
    selection: { traded_values: traded, ...selection },
    ...rest
  } = config;
  const files = {
    prices: basename(prices),
    ...traded === undefined ? {} : { traded: basename(traded) },
  };
  return sha256Hex(canonicalJson({ ...rest, selection, ...files }));
}

function chooseProfile(manifest: Manifest, path: string, options: LoadOptions): string {
  const asked = [
    { name: options.profile, origin: "the profile asked for" },
    { name: options.env?.[PROFILE_VARIABLE], origin: `${PROFILE_VARIABLE} in the environment` },
    { name: options.dotEnv?.[PROFILE_VARIABLE], origin: `${PROFILE_VARIABLE} in .env` },
    { name: manifest.default_profile, origin: "default_profile" },
  ].find(({ name }) => name !== undefined && name !== "")!;
  const name = asked.name!;
  const aliases = manifest.aliases ?? {};
  const profile = Object.hasOwn(aliases, name) ? aliases[name] : name;
  if (Object.hasOwn(manifest.profiles, profile)) return profile;
  throw new UserError(
    "manifest/unknown-profile",
    `Cannot use ${path}: no profile or alias is called ${JSON.stringify(name)} (${asked.origin})`,
    { hint: nearestHint(name, [...Object.keys(manifest.profiles), ...Object.keys(aliases)]) },
  );
}

/** Fills in what a profile leaves to the layers around it.
 * @param profileName no alias
 * @throws {UserError} as {@linkcode loadManifest} */
export function resolveProfile(
  manifest: Manifest,
  profileName: string,
  path: string,
  options: LoadOptions,
): ProductionConfig {
  const schema = layerSchema(withOwnNames(options, manifest));
  const layerOf = (variables: Readonly<Record<string, string>> | undefined, source: string) =>
    layerFromOverrides(overridesFromVariables(variables ?? {}, source, schema), schema);
  const layers = [
    withFilesFrom(dirname(path), manifest.defaults ?? {}),
    withFilesFrom(dirname(path), manifest.profiles[profileName]),
    withFilesFrom(".", layerOf(options.dotEnv, ".env")),
    withFilesFrom(".", layerOf(options.env, "the environment")),
    withFilesFrom(".", layerFromOverrides(options.overrides ?? [], schema)),
  ];
  const last = <K extends "prices" | "title" | "synthetic">(key: K): ConfigLayer[K] =>
    layers.findLast((layer) => layer[key] !== undefined)?.[key];
  const prices = last("prices");
  if (prices === undefined) {
    throw new UserError(
      "manifest/no-prices",
      `Cannot use ${path}: the profile ${profileName} names no prices`,
      {
        hint: 'Give it "prices": the path of a wide CSV or Parquet file.',
      },
    );
  }
  const config: ProductionConfig = {
    profileName,
    manifestPath: path,
    prices,
    synthetic: last("synthetic") ?? false,
    title: last("title") ?? profileName,
    data: Object.assign({}, DEFAULTS.data, ...layers.map(({ data }) => data)),
    selection: Object.assign({}, DEFAULTS.selection, ...layers.map(({ selection }) => selection)),
    synthesis: Object.assign({}, DEFAULTS.synthesis, ...layers.map(({ synthesis }) => synthesis)),
    risk: Object.assign({}, DEFAULTS.risk, ...layers.map(({ risk }) => risk)),
    backtest: Object.assign({}, DEFAULTS.backtest, ...layers.map(({ backtest }) => backtest)),
    sources: Object.assign({}, ...layers.map(({ sources }) => sources)),
    execution: Object.assign({}, DEFAULTS.execution, ...layers.map(({ execution }) => execution)),
    gates: Object.assign({}, DEFAULTS.gates, ...layers.map(({ gates }) => gates)),
    discovery: Object.assign({}, DEFAULTS.discovery, ...layers.map(({ discovery }) => discovery)),
    storage: Object.assign({}, DEFAULTS.storage, ...layers.map(({ storage }) => storage)),
    own: resolveOwn(manifest.own ?? {}, path),
  };
  checkTogether(config);
  return config;
}

function withFilesFrom(folder: string, layer: ConfigLayer): ConfigLayer {
  const { prices, selection, sources } = layer;
  const remote = layer.storage?.remote;
  const traded = selection?.traded_values;
  return {
    ...layer,
    ...prices === undefined ? {} : { prices: isUrl(prices) ? prices : resolve(folder, prices) },
    ...traded === undefined
      ? {}
      : { selection: { ...selection, traded_values: resolve(folder, traded) } },
    ...remote === undefined || remote.startsWith("s3://")
      ? {}
      : { storage: { ...layer.storage, remote: resolve(folder, remote) } },
    ...sources === undefined ? {} : { sources: withPatternsFrom(folder, sources) },
  };
}

function withPatternsFrom(
  folder: string,
  sources: ProductionConfig["sources"],
): ProductionConfig["sources"] {
  return Object.fromEntries(
    Object.entries(sources).map(([name, source]) => [
      name,
      source.type === "files" ? { ...source, files: resolve(folder, source.files) } : source,
    ]),
  );
}

/** What each key alone cannot tell.
 * @throws {UserError} with both keys and their values */
function checkTogether(config: ProductionConfig): void {
  const { manifestPath, profileName, data, backtest, selection, synthesis } = config;
  const refuse = (problem: string, hint: string): never => {
    throw new UserError(
      "manifest/contradiction",
      `Cannot use ${manifestPath}, profile ${profileName}: ${problem}`,
      { hint },
    );
  };
  const { train, test, step } = backtest;
  if (step < test) {
    refuse(
      `backtest.step ${step} is less than backtest.test ${test}, so that tests would overlap`,
      "Make step at least test.",
    );
  }
  // T prices make T - 1 returns.
  if (data.lookback_days - 1 < train + test) {
    refuse(
      `data.lookback_days ${data.lookback_days} has no room for one window of backtest.train ${train} + backtest.test ${test} returns`,
      `Make lookback_days at least ${train + test + 1}, or the window shorter.`,
    );
  }
  if (data.min_days_floor > data.lookback_days) {
    refuse(
      `data.min_days_floor ${data.min_days_floor} is above data.lookback_days ${data.lookback_days}, so that every symbol would be dropped`,
      "Make min_days_floor at most lookback_days.",
    );
  }
  for (const { source } of config.discovery.scanners ?? []) {
    if (Object.hasOwn(config.sources, source)) continue;
    refuse(
      `discovery.scanners names the source ${JSON.stringify(source)}, but sources has no such name`,
      nearestHint(source, Object.keys(config.sources)) ?? "Name it in sources.",
    );
  }
  if (backtest.profiles.includes("market") && config.discovery.market === undefined) {
    refuse(
      "market of backtest.profiles needs discovery.market, which is not set",
      "Name the symbols that are the market, for instance SPY.",
    );
  }
  const { turnover_limit: turnoverLimit, turnover_penalty: turnoverPenalty } = config.risk;
  if (synthesis.enabled && (turnoverLimit ?? turnoverPenalty) !== undefined) {
    refuse(
      "risk.turnover_limit and risk.turnover_penalty are of symbols, but synthesis.enabled is true",
      "Leave them out, or set synthesis.enabled to false.",
    );
  }
  const mismatches = [
    riskProblem(config.risk),
    crossValidationProblem(config),
    selectionProblem(selection, synthesis),
  ];
  for (const mismatch of mismatches) {
    if (mismatch !== undefined) refuse(mismatch.problem, mismatch.hint);
  }
}
