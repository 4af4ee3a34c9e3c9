import { UserError } from "../../base/errors.ts";
import { sha256Hex } from "../../base/hash.ts";
import type { ObjectStore } from "../store/object_store.ts";
import {
  type Catalog,
  CATALOG_KEY,
  decodeCatalog,
  EMPTY_CATALOG,
  findVersion,
  type VersionEntry,
  type VersionQuery,
} from "./catalog.ts";
import { decodeManifest, EMPTY_MANIFEST, type Manifest } from "./manifest.ts";

/** How often a reader begins anew when the version that it was about to read was just dropped. */
const READ_ATTEMPTS = 5;

/** One version of a lakehouse, which later commits do not change. */
export interface Snapshot extends Manifest {
  /** Undefined when nothing was committed yet. */
  readonly entry: VersionEntry | undefined;
}

/** A catalog, and the tag by which it can be replaced; null when there is none. */
export interface SeenCatalog {
  readonly catalog: Catalog;
  readonly tag: string | null;
}

/** The catalog as it is now.
 * @throws {UserError} when it cannot be read */
export async function readCatalog(store: ObjectStore): Promise<SeenCatalog> {
  const found = await store.get(CATALOG_KEY);
  if (found === undefined) return { catalog: EMPTY_CATALOG, tag: null };
  return { catalog: decodeCatalog(found.bytes, `${store.url}/${CATALOG_KEY}`), tag: found.tag };
}

/** The manifest of a version; undefined when its file is gone.
 * @throws {UserError} when it is not what was committed */
export async function readManifest(
  store: ObjectStore,
  { manifest, sha256 }: VersionEntry,
): Promise<Manifest | undefined> {
  const found = await store.get(manifest);
  if (found === undefined) return undefined;
  const where = `${store.url}/${manifest}`;
  const foundSha256 = sha256Hex(found.bytes);
  if (foundSha256 !== sha256) {
    throw new UserError(
      "lakehouse/damaged",
      `Cannot read the manifest ${where}: expected the SHA-256 ${sha256}; found ${foundSha256}`,
      { hint: "It was damaged: restore it from a copy, or read another version." },
    );
  }
  return decodeManifest(found.bytes, where);
}

/** A version of a lakehouse.
 * @param query default: the newest one
 * @throws {UserError} when it is not there, or cannot be read */
export async function readSnapshot(store: ObjectStore, query?: VersionQuery): Promise<Snapshot> {
  for (let attempt = 1; attempt <= READ_ATTEMPTS; attempt++) {
    const { catalog } = await readCatalog(store);
    const entry = findVersion(catalog, store.url, query);
    if (entry === undefined) return { ...EMPTY_MANIFEST, entry };
    const manifest = await readManifest(store, entry);
    // Between our two reads the version may have been dropped and its manifest removed.
    if (manifest !== undefined) return { ...manifest, entry };
  }
  throw new UserError(
    "lakehouse/damaged",
    `Cannot read the lakehouse ${store.url}: a manifest that it names is gone`,
    {
      hint: "Restore the file from a copy, or read another version.",
    },
  );
}
