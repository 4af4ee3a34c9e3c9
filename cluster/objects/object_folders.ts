import { formatSize } from "../../src/base/size_text.ts";
import { createHash } from "node:crypto";
import { newId } from "../../src/base/ids.ts";
import type { ObjectSize } from "../scheduler/types.ts";
import { fileSizeBytes, MemoryFullError, moveFile, NewFile, removeFile } from "./memory_files.ts";
import { isObjectId } from "./object_id.ts";

/** Where a node's objects lie, as files named by their ids: first the folder in memory, then the one on disk. A file that
 * is there is whole, since it is renamed into place once it is. */
export interface ObjectFolders {
  readonly memory: string;
  readonly disk: string;
}

/** An object's file. */
export interface ObjectFile {
  readonly path: string;
  readonly sizeBytes: number;
}

/** No folder of the node has room for an object. */
export class StorageFullError extends Error {
  override readonly name = "StorageFullError";
}

type Parts = readonly Uint8Array<ArrayBuffer>[];

/** The path of an object in a folder.
 * @throws {RangeError} for what is not an object id: nothing else becomes part of a path */
export function objectPath(folder: string, objectId: string): string {
  if (!isObjectId(objectId)) {
    throw new RangeError(`Cannot name an object ${JSON.stringify(objectId.slice(0, 80))}`);
  }
  return `${folder}/${objectId}`;
}

/** A path in a folder for a file that is not whole yet. */
export function temporaryPath(folder: string): string {
  return `${folder}/.${newId("tmp")}`;
}

/** Finds an object's file. One that is just moved to disk or back is found in one of both: it is written there before it
 * goes here. */
export function findObject(folders: ObjectFolders, objectId: string): ObjectFile | undefined {
  for (const folder of [folders.memory, folders.disk, folders.memory]) {
    const path = objectPath(folder, objectId);
    const sizeBytes = fileSizeBytes(path);
    if (sizeBytes !== undefined) return { path, sizeBytes };
  }
  return undefined;
}

/** Writes an object that was made here, while its hash is computed: nothing is copied, so the parts must not change
 * before the promise resolves.
 * @returns its id and size
 * @throws {StorageFullError} when neither memory nor disk has room */
export async function writeObject(folders: ObjectFolders, parts: Parts): Promise<ObjectSize> {
  const write = async (folder: string): Promise<string> => {
    const temporary = temporaryPath(folder);
    try {
      using file = new NewFile(temporary);
      await file.writeAll(parts);
      return temporary;
    } catch (error) {
      removeFile(temporary);
      throw error;
    }
  };
  const sizeBytes = sizeOf(parts);
  // The parts are handed to another thread by now: they are hashed while they are written.
  const inMemory = write(folders.memory);
  const objectId = hashOf(parts);
  try {
    moveFile(await inMemory, objectPath(folders.memory, objectId));
  } catch (error) {
    if (!isStorageFull(error)) throw error;
    const onDisk = await write(folders.disk).catch((cause) => failFull(folders, sizeBytes, cause));
    moveFile(onDisk, objectPath(folders.disk, objectId));
  }
  return { objectId, sizeBytes };
}

/** {@linkcode writeObject} within this very call, for parts that may change after it. */
export function writeObjectSync(folders: ObjectFolders, parts: Parts): ObjectSize {
  const objectId = hashOf(parts);
  const sizeBytes = sizeOf(parts);
  if (findObject(folders, objectId) !== undefined) return { objectId, sizeBytes };
  try {
    writeFileSync(folders.memory, objectId, parts);
  } catch (error) {
    if (!isStorageFull(error)) throw error;
    try {
      writeFileSync(folders.disk, objectId, parts);
    } catch (cause) {
      failFull(folders, sizeBytes, cause);
    }
  }
  return { objectId, sizeBytes };
}

/** Whether an error says that a disk, or the memory behind a folder, is full. */
export function isStorageFull(error: unknown): boolean {
  return error instanceof MemoryFullError || (error as { code?: unknown }).code === "ENOSPC";
}

/** Throws on what an error was; one that says that a folder is full becomes a {@linkcode StorageFullError} that says what
 * to do. */
export function failFull(folders: ObjectFolders, sizeBytes: number, cause: unknown): never {
  if (!isStorageFull(cause)) throw cause;
  throw new StorageFullError(
    `Cannot store an object of ${
      formatSize(sizeBytes)
    }: ${folders.memory} and ${folders.disk} are full. ` +
      `Free space on that disk, or release objects`,
    { cause },
  );
}

function writeFileSync(folder: string, objectId: string, parts: Parts): void {
  const temporary = temporaryPath(folder);
  try {
    using file = new NewFile(temporary);
    for (const part of parts) file.writeSync(part);
  } catch (error) {
    removeFile(temporary);
    throw error;
  }
  moveFile(temporary, objectPath(folder, objectId));
}

function hashOf(parts: Parts): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

function sizeOf(parts: Parts): number {
  return parts.reduce((sum, part) => sum + part.byteLength, 0);
}
