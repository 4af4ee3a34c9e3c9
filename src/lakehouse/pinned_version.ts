import { UserError } from "../base/errors.ts";
import type { Lakehouse } from "./lakehouse.ts";
import type { TableEntry } from "./snapshots/manifest.ts";

/** The version of a lakehouse that a reader stays with, whatever is committed meanwhile. */
export interface PinnedVersion {
  readonly version: number;
  /** Tells it from the version of that number in another lakehouse of the same path. */
  readonly commit: string;
}

/** A version's tables by name, and what names the version. */
export interface PinnedTables {
  /** Undefined for a lakehouse to which nothing was committed. */
  readonly pinned: PinnedVersion | undefined;
  readonly tables: ReadonlyMap<string, TableEntry>;
}

/** The tables of a version.
 * @param pinned default: the newest one
 * @throws {UserError} when the version was collected, or is of a lakehouse that was there before */
export async function readPinnedTables(
  lake: Lakehouse,
  pinned?: PinnedVersion,
): Promise<PinnedTables> {
  if (pinned !== undefined) await requireVersion(lake, pinned);
  const query = pinned === undefined ? undefined : { version: pinned.version };
  const { entry, tables } = await lake.snapshot(query);
  return {
    tables,
    pinned: entry === undefined ? undefined : { version: entry.version, commit: entry.commit },
  };
}

async function requireVersion(lake: Lakehouse, { version, commit }: PinnedVersion): Promise<void> {
  const versions = await lake.history();
  if (versions.some((one) => one.version === version && one.commit === commit)) return;
  const isOther = versions.some((one) => one.version === version);
  throw new UserError(
    "lakehouse/version-gone",
    `Cannot read version ${version} of the lakehouse ${lake.dir}, which the run began with: ` +
      (isOther ? "the lakehouse was made anew since" : "it was collected"),
    {
      hint: isOther
        ? "Start a new run."
        : "Start a new run, and let versions be kept for longer than runs take: storage.keep_days, or --keep-days of deno task lakehouse gc.",
    },
  );
}
