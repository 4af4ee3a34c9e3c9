import { nearestHint } from "../base/config_problem.ts";
import { canonicalJson } from "../base/canonical_json.ts";
import { UserError } from "../base/errors.ts";
import { sha256Hex } from "../base/hash.ts";
import { z } from "zod";
import { type LoadOptions, manifestHash, readManifest, resolveProfile } from "./load_manifest.ts";
import {
  META_DEFAULTS,
  type MetaConfig,
  type MetaLayer,
  type MetaSettings,
  type SleeveConfig,
  type SleeveLayer,
} from "./meta_config.ts";
import { GATES_DEFAULTS, GATES_FIELD } from "./gates_config.ts";
import { metaSectionSchema } from "./meta_schema.ts";
import { layerFromOverrides, overridesFromVariables } from "./overrides.ts";
import type { Manifest } from "./schema.ts";

/** Chooses the meta profile, and so is no key of a layer. */
const META_PROFILE_VARIABLE = "TV_META_PROFILE";

/** What goes into a meta-portfolio beside the manifest. */
export interface MetaLoadOptions extends Omit<LoadOptions, "profile" | "overrides"> {
  /** The meta profile, as `--profile` gives it. */
  readonly metaProfile?: string;
}

/** Reads a manifest and resolves one meta profile of it with all that lies within. For sections `meta` and `gates` a `TV_*`
 * variable wins over `.env`, that over the meta profile, that over `defaults`, that over {@linkcode META_DEFAULTS} and {@linkcode GATES_DEFAULTS};
 * sleeves are resolved as profiles are, by the same variables.
 * @throws {UserError} as `loadManifest` */
export async function loadMeta(path: string, options: MetaLoadOptions): Promise<MetaConfig> {
  const manifest = await readManifest(path, options);
  const name = chooseMetaProfile(manifest, path, options);
  return resolveMeta(manifest, name, path, options);
}

/** SHA-256 of what a meta-portfolio's configuration says, the same on every machine; see `manifestHash`. */
export function metaHash(config: MetaConfig): string {
  const { manifestPath: _, sleeves, ...rest } = config;
  return sha256Hex(canonicalJson({ ...rest, sleeves: sleeves.map(hashedSleeve) }));
}

function hashedSleeve(sleeve: SleeveConfig): object {
  const { id, candidate } = sleeve;
  return sleeve.type === "meta" ? { id, candidate, meta: metaHash(sleeve.nested) } : {
    id,
    candidate,
    profile: manifestHash(sleeve.production),
    ...sleeve.run_id === undefined ? {} : { run_id: sleeve.run_id },
  };
}

function chooseMetaProfile(manifest: Manifest, path: string, options: MetaLoadOptions): string {
  const names = Object.keys(manifest.meta_profiles ?? {});
  const asked = [
    { name: options.metaProfile, origin: "the meta profile asked for" },
    {
      name: options.env?.[META_PROFILE_VARIABLE],
      origin: `${META_PROFILE_VARIABLE} in the environment`,
    },
    { name: options.dotEnv?.[META_PROFILE_VARIABLE], origin: `${META_PROFILE_VARIABLE} in .env` },
    { name: manifest.default_meta_profile, origin: "default_meta_profile" },
    { name: names.length === 1 ? names[0] : undefined, origin: "the only one" },
  ].find(({ name }) => name !== undefined && name !== "");
  if (names.length === 0) {
    throw new UserError(
      "manifest/no-meta-profile",
      `Cannot use ${path} for a meta-portfolio: it has no meta_profiles`,
      {
        hint: 'Give it "meta_profiles": { NAME: { "sleeves": [{ "id": …, "profile": … }, …] } }.',
      },
    );
  }
  if (asked === undefined) {
    throw new UserError(
      "manifest/no-meta-profile",
      `Cannot use ${path}: no meta profile is asked for`,
      {
        hint: `Name one by --profile, or in default_meta_profile: ${names.join(", ")}.`,
      },
    );
  }
  const name = asked.name!;
  if (names.includes(name)) return name;
  throw new UserError(
    "manifest/unknown-profile",
    `Cannot use ${path}: no meta profile is called ${JSON.stringify(name)} (${asked.origin})`,
    { hint: nearestHint(name, names) },
  );
}

function resolveMeta(
  manifest: Manifest,
  name: string,
  path: string,
  options: MetaLoadOptions,
): MetaConfig {
  const layer = manifest.meta_profiles![name];
  const variables = [
    variablesLayer(options.dotEnv, ".env", options),
    variablesLayer(options.env, "the environment", options),
  ];
  const layers = [manifest.defaults ?? {}, layer, ...variables];
  const meta: MetaSettings = Object.assign({}, META_DEFAULTS, ...layers.map(({ meta }) => meta));
  checkTogether(meta, layer.sleeves.length, `${path}, meta profile ${name}`);
  return {
    metaProfileName: name,
    manifestPath: path,
    title: layer.title ?? name,
    meta,
    gates: Object.assign({}, GATES_DEFAULTS, ...layers.map(({ gates }) => gates)),
    sleeves: layer.sleeves.map((sleeve) => resolveSleeve(manifest, sleeve, path, options)),
  };
}

function resolveSleeve(
  manifest: Manifest,
  { id, profile, run_id, meta_profile, candidate = {} }: SleeveLayer,
  path: string,
  options: MetaLoadOptions,
): SleeveConfig {
  if (meta_profile !== undefined) {
    return {
      type: "meta",
      id,
      candidate,
      nested: resolveMeta(manifest, meta_profile, path, options),
    };
  }
  const profileName = manifest.aliases?.[profile!] ?? profile!;
  const production = resolveProfile(manifest, profileName, path, options);
  return { type: "profile", id, candidate, production, ...run_id === undefined ? {} : { run_id } };
}

function variablesLayer(
  variables: Readonly<Record<string, string>> | undefined,
  source: string,
  options: MetaLoadOptions,
): Pick<MetaLayer, "meta" | "gates"> {
  const schema = z.strictObject({
    meta: metaSectionSchema(options.metaProfiles),
    gates: GATES_FIELD.partial().optional(),
  });
  return layerFromOverrides(overridesFromVariables(variables ?? {}, source, schema), schema);
}

/** What each key alone cannot tell. */
function checkTogether(meta: MetaSettings, sleeves: number, where: string): void {
  const refuse = (problem: string, hint: string): never => {
    throw new UserError("manifest/contradiction", `Cannot use ${where}: ${problem}`, { hint });
  };
  const { min_weight: least, max_weight: most } = meta;
  if (least > most) {
    refuse(
      `meta.min_weight ${least} is above meta.max_weight ${most}`,
      "Make min_weight at most max_weight.",
    );
  }
  if (least * sleeves > 1) {
    refuse(
      `meta.min_weight ${least} for each of ${sleeves} sleeves is more than the whole`,
      `Make min_weight at most ${(1 / sleeves).toPrecision(3)}.`,
    );
  }
  if (most * sleeves < 1) {
    refuse(
      `meta.max_weight ${most} for each of ${sleeves} sleeves is less than the whole`,
      `Make max_weight at least ${(1 / sleeves).toPrecision(3)}.`,
    );
  }
}
