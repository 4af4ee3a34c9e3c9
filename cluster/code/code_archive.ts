import { join } from "@std/path";
import { sha256Hex } from "../../src/base/hash.ts";
import { packArchive } from "./archive.ts";
import { listProjectFiles } from "./project_files.ts";
import type { ProjectFile, ProjectListing } from "./project_files.ts";

/** One version of a project's code, ready to travel. */
export interface CodeArchive {
  /** SHA-256 of the bytes: the name of the version, and of the object that holds it. */
  readonly hash: string;
  /** A tar archive; see {@linkcode packArchive}. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Packs the code of a project, for nodes that get it by whatever way.
 * @param root the project's folder; see `findProject`
 * @throws {UserError} naming the biggest files when they are over the limits
 * @throws {RangeError} for a file whose path does not fit into an archive */
export function packProject(root: string): CodeArchive {
  return packFiles(root, listProjectFiles(root).files);
}

/** The newest version of a project's code, packed again only when a file's name, size or time has changed. */
export class ProjectCode {
  readonly root: string;
  readonly #scanEveryMs: number;
  #scannedAtMs = -Infinity;
  #signature = "";
  #archive: CodeArchive | undefined;

  /** @param scanEveryMs how long a look at the files is good for */
  constructor(root: string, scanEveryMs: number) {
    this.root = root;
    this.#scanEveryMs = scanEveryMs;
  }

  /** Throws like {@linkcode packProject}.
   * @param nowMs of any clock that does not go back */
  current(nowMs: number): CodeArchive {
    if (this.#archive !== undefined && nowMs - this.#scannedAtMs < this.#scanEveryMs) {
      return this.#archive;
    }
    const listing = listProjectFiles(this.root);
    const signature = signatureOf(listing);
    if (this.#archive === undefined || signature !== this.#signature) {
      this.#archive = packFiles(this.root, listing.files);
      this.#signature = signature;
    }
    this.#scannedAtMs = nowMs;
    return this.#archive;
  }
}

function packFiles(root: string, files: readonly ProjectFile[]): CodeArchive {
  const bytes = packArchive(files.map(({ path, isExecutable }) => ({
    path,
    isExecutable,
    content: Deno.readFileSync(join(root, path)),
  })));
  return { hash: sha256Hex(bytes), bytes };
}

function signatureOf({ files }: ProjectListing): string {
  return files.map(({ path, sizeBytes, modifiedAtMs, isExecutable }) =>
    `${path}\0${sizeBytes}\0${modifiedAtMs}\0${isExecutable}`
  ).join("\n");
}
