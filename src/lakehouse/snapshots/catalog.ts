import { z } from "zod";
import { errorMessage, UserError } from "../../base/errors.ts";

/** The key of the one object of a lakehouse that ever changes. */
export const CATALOG_KEY = "catalog.json";

/** One version of a lakehouse: a commit. */
export interface VersionEntry {
  /** Counts from 1. */
  readonly version: number;
  /** When it was committed, by the writer's clock, UTC as ISO 8601. */
  readonly committedAt: string;
  /** Tells commits apart that were tried at the same time. */
  readonly commit: string;
  /** The key of its manifest. */
  readonly manifest: string;
  /** SHA-256 of the manifest. */
  readonly sha256: string;
  /** How many tables it has. */
  readonly tables: number;
  /** What the writer said of it. */
  readonly note: string;
}

/** The versions of a lakehouse that can be read, the newest one last, none before the first commit. It is replaced as a
 * whole, and only by who has seen what is replaced: this is what a commit is. */
export interface Catalog {
  readonly versions: readonly VersionEntry[];
  /** How often files were collected: a writer who sees that it grew writes its files again, since those that no version
   * names may be gone. */
  readonly collections: number;
}

/** The catalog of a lakehouse to which nothing was written yet. */
export const EMPTY_CATALOG: Catalog = { versions: [], collections: 0 };

/** Which version is meant: by its number, or the one that was the newest at a time (milliseconds since the epoch). */
export type VersionQuery = { readonly version: number } | { readonly atMs: number };

const CATALOG = z.strictObject({
  format: z.literal(2),
  collections: z.int().min(0),
  versions: z.array(z.strictObject({
    version: z.int().min(1),
    committedAt: z.iso.datetime(),
    commit: z.string(),
    manifest: z.string().regex(/^versions\/[A-Za-z0-9_.~-]+$/),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    tables: z.int().min(0),
    note: z.string(),
  })),
});

/** A catalog as it is stored: JSON, one line a version. */
export function encodeCatalog({ versions, collections }: Catalog): Uint8Array {
  const lines = versions.map((entry) => `    ${JSON.stringify(entry)}`).join(",\n");
  return new TextEncoder().encode(
    `{\n  "format": 2,\n  "collections": ${collections},\n  "versions": [\n${lines}\n  ]\n}\n`,
  );
}

/** Reads what {@linkcode encodeCatalog} wrote.
 * @param where names it in messages
 * @throws {UserError} when it is something else, or its versions do not rise */
export function decodeCatalog(bytes: Uint8Array, where: string): Catalog {
  try {
    const { versions, collections } = CATALOG.parse(JSON.parse(new TextDecoder().decode(bytes)));
    versions.forEach(({ version }, i) => {
      if (i > 0 && version <= versions[i - 1].version) {
        throw new Error(`version ${version} follows version ${versions[i - 1].version}`);
      }
    });
    return { versions, collections };
  } catch (cause) {
    throw new UserError(
      "lakehouse/damaged",
      `Cannot read the lakehouse catalog ${where}: ${errorMessage(cause)}`,
      {
        hint:
          "Delete the lakehouse folder, the next fetch fills it again; or sync it from its remote.",
        cause,
      },
    );
  }
}

/** The catalog after one more commit. */
export function appendVersion(catalog: Catalog, entry: Omit<VersionEntry, "version">): Catalog {
  const version = nextVersion(catalog);
  return { ...catalog, versions: [...catalog.versions, { version, ...entry }] };
}

/** The number that the next commit gets. */
export function nextVersion({ versions }: Catalog): number {
  return (versions.at(-1)?.version ?? 0) + 1;
}

/** The version that is meant.
 * @param query default: the newest one
 * @returns undefined when nothing was committed yet, and there is no query
 * @throws {UserError} when the version is not or no longer there, naming what is */
export function findVersion(
  { versions }: Catalog,
  where: string,
  query?: VersionQuery,
): VersionEntry | undefined {
  if (query === undefined) return versions.at(-1);
  const found = "version" in query
    ? versions.find(({ version }) => version === query.version)
    : versions.findLast(({ committedAt }) => Date.parse(committedAt) <= query.atMs);
  if (found !== undefined) return found;
  const wanted = "version" in query
    ? `version ${query.version}`
    : `a version of ${new Date(query.atMs).toISOString()} or before`;
  const [first, last] = [versions[0], versions.at(-1)];
  throw new UserError("lakehouse/no-version", `Cannot find ${wanted} in the lakehouse ${where}`, {
    hint: first === undefined || last === undefined
      ? "Nothing was committed to it yet."
      : `It has version ${first.version} (${first.committedAt}) to ${last.version} (${last.committedAt}).`,
  });
}
