import { systemWaitingClock } from "../../base/waiting_clock.ts";
import { UserError } from "../../base/errors.ts";
import { isUrl } from "../../base/is_url.ts";
import { createRng } from "../../base/rng.ts";
import { makeSource, type NamedSource } from "../../dataops/sources/make_source.ts";
import { type Lakehouse, openLakehouse } from "../../lakehouse/lakehouse.ts";
import {
  readSymbols,
  STILL_VALID_S,
  type SymbolRecord,
} from "../../lakehouse/prices/symbols_table.ts";
import type { ProductionConfig } from "../../manifest/config.ts";
import type { ParsedFlags } from "../flags.ts";
import { BUNDLED_MANIFEST } from "../production_arguments.ts";
import { readConfig } from "../read_config.ts";

/** What every command of the data operations works with. */
export interface DataOps {
  readonly config: ProductionConfig;
  readonly lake: Lakehouse;
  /** By name; nothing has been asked of them yet. */
  readonly sources: ReadonlyMap<string, NamedSource>;
  readonly nowS: number;
}

/** Reads the manifest and opens the lakehouse that it names as its prices.
 * @throws {UserError} for bad flags and manifests, and when the prices are a file */
export async function openDataOps({ flags }: ParsedFlags): Promise<DataOps> {
  const folder = flags.get("lakehouse");
  const config = await readConfig({
    manifestPath: flags.get("manifest") ?? BUNDLED_MANIFEST,
    profile: flags.get("profile"),
    overrides: folder === undefined
      ? []
      : [{ key: "prices", value: folder, origin: "--lakehouse" }],
  });
  await requireFolder(config);
  const clock = systemWaitingClock;
  const rng = createRng(Deno.pid);
  const sources = new Map(
    Object.entries(config.sources).map(([name, source]) =>
      [name, makeSource(name, source, clock, rng)] as const
    ),
  );
  const nowS = Math.floor(clock.nowMs() / 1000);
  return { config, lake: openLakehouse(config.prices), sources, nowS };
}

async function requireFolder(
  { prices, profileName, manifestPath }: ProductionConfig,
): Promise<void> {
  if (isUrl(prices)) {
    throw new UserError(
      "lakehouse/not-a-folder",
      `Cannot keep data in ${prices}, the prices of profile ${profileName} of ${manifestPath}: it is not on this machine`,
      {
        hint:
          "Name a folder by --lakehouse DIR, and bring it there: deno task lakehouse sync DIR URL.",
      },
    );
  }
  try {
    if ((await Deno.stat(prices)).isDirectory) return;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound && !/\.(csv|parquet|pq)$/i.test(prices)) return;
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  throw new UserError(
    "lakehouse/not-a-folder",
    `Cannot keep data in ${prices}, the prices of profile ${profileName} of ${manifestPath}: a folder is expected`,
    { hint: "Give the profile a folder as prices, or name one by --lakehouse DIR." },
  );
}

/** The symbols that are worked on: those of the lakehouse that are valid still.
 * @throws {UserError} when there are none */
export async function currentSymbols({ lake }: DataOps): Promise<SymbolRecord[]> {
  const records = (await readSymbols(lake)).filter((one) => one.validUntilS === STILL_VALID_S);
  if (records.length > 0) return records;
  throw new UserError(
    "dataops/nothing-discovered",
    `Cannot find symbols in the lakehouse ${lake.dir}: nothing was discovered yet`,
    {
      hint: "Run deno task dataops discover first, or deno task dataops run for everything.",
    },
  );
}
