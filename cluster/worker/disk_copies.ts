import { fileChunks, moveFile, NewFile, removeFile } from "../objects/memory_files.ts";
import { findObject, objectPath, temporaryPath } from "../objects/object_folders.ts";
import type { ObjectFolders } from "../objects/object_folders.ts";

/** Where an executor finds objects that may call no function of the system: Deno lets it open no file in shared memory.
 * It writes to disk, and reads there what {@linkcode DiskCopies} made for it.
 * @param nodeDir the node's own folder */
export function foldersOnDisk({ disk }: ObjectFolders, nodeDir: string): ObjectFolders {
  return { memory: disk, disk: copiesFolder(nodeDir) };
}

/** Copies on disk of objects that lie in memory, as long as attempts need them. */
export class DiskCopies {
  readonly #folder: string;
  readonly #objectIds = new Set<string>();

  constructor(nodeDir: string) {
    this.#folder = copiesFolder(nodeDir);
  }

  /** Copies those of the objects that lie in memory. */
  async make(folders: ObjectFolders, objectIds: readonly string[]): Promise<void> {
    await Deno.mkdir(this.#folder, { recursive: true, mode: 0o700 });
    for (const objectId of objectIds) {
      const found = findObject(folders, objectId);
      if (found === undefined || found.path === objectPath(folders.disk, objectId)) continue;
      if (this.#objectIds.has(objectId)) continue;
      const temporary = temporaryPath(this.#folder);
      using file = new NewFile(temporary);
      for await (const chunk of fileChunks(found.path)) await file.write(chunk);
      moveFile(temporary, objectPath(this.#folder, objectId));
      this.#objectIds.add(objectId);
    }
  }

  /** No attempt needs it any more. */
  remove(objectId: string): void {
    if (this.#objectIds.delete(objectId)) removeFile(objectPath(this.#folder, objectId));
  }
}

function copiesFolder(nodeDir: string): string {
  return `${nodeDir}/object-copies`;
}
