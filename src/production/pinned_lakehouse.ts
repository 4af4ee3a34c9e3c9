import { writeFileAtomic } from "../base/atomic_file.ts";
import { errorMessage, UserError } from "../base/errors.ts";
import type { PinnedVersion } from "../lakehouse/pinned_version.ts";
import type { PriceSource } from "../lakehouse/prices/price_source.ts";
import type { RunFolder } from "./run_folder.ts";

/** Notes in a run's folder which version of a lakehouse it reads, so that a resume and a replay read the same one. The
 * lakehouse itself is not written: what its collector keeps is for its retention to say. */
export async function keepPinned(run: RunFolder, source: PriceSource): Promise<void> {
  if (source.type === "file" || source.pinned === undefined) return;
  const { path, pinned: { version, commit } } = source;
  await writeFileAtomic(run.lakehouseVersion, `${JSON.stringify({ path, version, commit })}\n`);
}

/** The version that a run has noted.
 * @param path of its prices now: a run that came from elsewhere brought its tables into another lakehouse
 * @returns undefined when there is none of that lakehouse
 * @throws {UserError} when the note cannot be read */
export async function readPinned(
  { lakehouseVersion: file }: RunFolder,
  path: string,
): Promise<PinnedVersion | undefined> {
  try {
    const noted = JSON.parse(await Deno.readTextFile(file));
    const { version, commit } = noted;
    if (!Number.isInteger(version) || typeof commit !== "string") {
      throw new SyntaxError("it has no version and commit");
    }
    return noted.path === path ? { version, commit } : undefined;
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    throw new UserError(
      "lakehouse/version-gone",
      `Cannot read which version of the lakehouse a run has: ${file}: ${errorMessage(cause)}`,
      { hint: "Start a new run.", cause },
    );
  }
}
