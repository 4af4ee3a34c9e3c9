import { join } from "@std/path";
import { ROOT } from "../structure/sources.ts";

/** The bundled prices, as a manifest of one's own names them. */
export const US_LARGE_CAP = join(ROOT, "testdata/us_large_cap.parquet");

/** Writes a manifest with one profile: the bundled prices, few windows, whatever else is given.
 * @returns its path */
export async function writeManifest(
  folder: string,
  profile: Record<string, unknown> = {},
): Promise<string> {
  const path = join(folder, "manifest.jsonc");
  const small = {
    prices: US_LARGE_CAP,
    data: { lookback_days: 600, min_days_floor: 320 },
    ...profile,
  };
  await Deno.writeTextFile(
    path,
    JSON.stringify({ default_profile: "small", profiles: { small } }),
  );
  return path;
}
