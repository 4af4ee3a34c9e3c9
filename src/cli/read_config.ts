import type { ProductionConfig } from "../manifest/config.ts";
import { readDotEnv } from "../manifest/dot_env.ts";
import { loadManifest } from "../manifest/load_manifest.ts";
import type { Override } from "../manifest/overrides.ts";
import { MANIFEST_NAMES } from "./manifest_names.ts";

/** The configuration that a user means: a manifest's profile, over which go `.env`, `TV_*` variables and flags.
 * @throws {UserError} as {@linkcode loadManifest} */
export async function readConfig(
  { manifestPath, profile, overrides }: {
    readonly manifestPath: string;
    readonly profile: string | undefined;
    readonly overrides: readonly Override[];
  },
): Promise<ProductionConfig> {
  return await loadManifest(manifestPath, {
    ...MANIFEST_NAMES,
    profile,
    overrides,
    env: Deno.env.toObject(),
    dotEnv: await readDotEnv(".env"),
  });
}
