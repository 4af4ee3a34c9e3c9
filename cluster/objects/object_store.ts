import { formatSize } from "../../src/base/size_text.ts";
import { createHash } from "node:crypto";
import type { ObjectSize } from "../scheduler/types.ts";
import { fileChunks, fileSizeBytes, moveFile, NewFile, removeFile } from "./memory_files.ts";
import { isObjectId } from "./object_id.ts";
import {
  failFull,
  findObject,
  isStorageFull,
  objectPath,
  temporaryPath,
} from "./object_folders.ts";
import type { ObjectFile, ObjectFolders } from "./object_folders.ts";
import type { ObjectTier } from "./object_tier.ts";

/** How a store is kept. */
export interface ObjectStoreOptions {
  readonly folders: ObjectFolders;
  /** Bytes that may lie in the memory folder; what is over goes to disk, the least recently used first. */
  readonly memoryLimitBytes: number;
  /** Objects that must stay where they are: a running task reads them. */
  readonly isInUse?: (objectId: string) => boolean;
  /** Where objects go when the disk is full too. */
  readonly lastTier?: ObjectTier;
}

/** What a store holds, in bytes. */
export interface ObjectStoreStatus {
  readonly memoryBytes: number;
  readonly memoryLimitBytes: number;
  readonly diskBytes: number;
}

type Place = "memory" | "disk" | "last";
interface Entry {
  readonly sizeBytes: number;
  place: Place;
}

/** The objects of a node: immutable files named by the SHA-256 of their bytes, in a memory folder of bounded size and,
 * past its limit, on disk. Moves happen one after the other; files can be read at any time. */
export class ObjectStore {
  readonly folders: ObjectFolders;
  readonly #options: ObjectStoreOptions;
  /** The least recently used first. */
  readonly #entries = new Map<string, Entry>();
  #memoryBytes = 0;
  #diskBytes = 0;
  #moves: Promise<unknown> = Promise.resolve();

  constructor(options: ObjectStoreOptions) {
    this.#options = options;
    this.folders = options.folders;
    for (const folder of new Set([options.folders.memory, options.folders.disk])) {
      Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
      this.#index(folder, folder === options.folders.memory ? "memory" : "disk");
    }
  }

  /** All objects that are here. */
  list(): ObjectSize[] {
    return [...this.#entries].map(([objectId, { sizeBytes }]) => ({ objectId, sizeBytes }));
  }

  get status(): ObjectStoreStatus {
    const { memoryLimitBytes } = this.#options;
    return { memoryBytes: this.#memoryBytes, memoryLimitBytes, diskBytes: this.#diskBytes };
  }

  /** How many objects are here, and their bytes in all. */
  get usage(): { readonly count: number; readonly bytes: number } {
    const sizes = [...this.#entries.values()].map(({ sizeBytes }) => sizeBytes);
    return { count: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
  }

  /** Whether an object is here, in whatever tier. */
  has(objectId: string): boolean {
    return this.#entries.has(objectId);
  }

  /** The object's file, or undefined when it is not here; it counts as used. What lay on disk is read back into memory
   * when there is room for it, and its hash is checked on the way.
   * @throws {RangeError} when it is broken: then it is here no more */
  async use(objectId: string): Promise<ObjectFile | undefined> {
    const entry = this.#entries.get(objectId);
    if (entry === undefined) return undefined;
    this.#touch(objectId, entry);
    if (entry.place !== "memory") await this.#move(() => this.#readBack(objectId, entry));
    return findObject(this.folders, objectId);
  }

  /** Takes in a file that somebody wrote into one of the folders; the memory folder is brought under its limit. */
  admit(objectId: string): void {
    const found = findObject(this.folders, objectId);
    if (found === undefined) return;
    const place = found.path.startsWith(`${this.folders.memory}/`) ? "memory" : "disk";
    const known = this.#entries.get(objectId);
    if (known === undefined) this.#enter(objectId, { sizeBytes: found.sizeBytes, place });
    else if (known.place !== "memory" && place === "memory") {
      // It had been spilled, and was made once more.
      removeFile(objectPath(this.folders.disk, objectId));
      this.#settle(known, "memory");
    }
    // What stays over the limit for want of disk is told to whoever needs room next.
    this.#move(() => this.#makeRoom(0)).catch(() => {});
  }

  /** Resolves once what was admitted so far lies where it is to: whoever makes objects faster than the disk takes what has
   * no room in memory waits here. */
  async settled(): Promise<void> {
    await this.#moves;
  }

  /** Stores a stream of bytes under its expected hash.
   * @returns its size in bytes
   * @throws {RangeError} when the bytes have another hash, or are more than `maxBytes`; then nothing is stored
   * @throws {StorageFullError} when neither memory nor disk has room */
  async write(
    objectId: string,
    content: AsyncIterable<Uint8Array<ArrayBuffer>>,
    maxBytes: number,
    expectedBytes = 0,
  ): Promise<number> {
    objectPath(this.folders.memory, objectId);
    await this.#move(() => this.#makeRoom(expectedBytes)).catch(() => {});
    const fits = this.#memoryBytes + expectedBytes <= this.#options.memoryLimitBytes;
    const folder = fits ? this.folders.memory : this.folders.disk;
    const temporary = temporaryPath(folder);
    try {
      const sizeBytes = await receive(objectId, content, temporary, maxBytes);
      moveFile(temporary, objectPath(folder, objectId));
      this.admit(objectId);
      return sizeBytes;
    } catch (error) {
      removeFile(temporary);
      failFull(this.folders, expectedBytes, error);
    }
  }

  /** Reads the whole file and compares its hash; a broken one is removed.
   * @returns whether it is here and as it was */
  async verify(objectId: string): Promise<boolean> {
    const found = findObject(this.folders, objectId);
    if (found === undefined) return false;
    const hash = createHash("sha256");
    for await (const chunk of fileChunks(found.path)) hash.update(chunk);
    if (hash.digest("hex") === objectId) return true;
    this.remove(objectId);
    return false;
  }

  /** Deletes an object; one that is not here is no mistake. Processes that have mapped it keep it as long as they do. */
  remove(objectId: string): void {
    const entry = this.#entries.get(objectId);
    if (entry !== undefined) {
      this.#entries.delete(objectId);
      this.#charge(entry, -1);
      if (entry.place === "last") this.#options.lastTier?.remove(objectId).catch(() => {});
    }
    for (const folder of [this.folders.memory, this.folders.disk]) {
      removeFile(objectPath(folder, objectId));
    }
  }

  #index(folder: string, place: Place): void {
    for (const { name, isFile } of Deno.readDirSync(folder)) {
      if (!isFile) continue;
      if (!isObjectId(name)) {
        // What an earlier process had not finished.
        if (name.startsWith(".")) removeFile(`${folder}/${name}`);
        continue;
      }
      if (this.#entries.has(name)) continue;
      this.#enter(name, { sizeBytes: fileSizeBytes(`${folder}/${name}`) ?? 0, place });
    }
  }

  #enter(objectId: string, entry: Entry): void {
    this.#entries.set(objectId, entry);
    this.#charge(entry, 1);
  }

  #charge({ place, sizeBytes }: Entry, sign: 1 | -1): void {
    if (place === "memory") this.#memoryBytes += sign * sizeBytes;
    else if (place === "disk") this.#diskBytes += sign * sizeBytes;
  }

  #touch(objectId: string, entry: Entry): void {
    this.#entries.delete(objectId);
    this.#entries.set(objectId, entry);
  }

  /** Moves of files exclude each other. */
  #move<T>(move: () => Promise<T>): Promise<T> {
    const moved = this.#moves.then(move);
    this.#moves = moved.catch(() => {});
    return moved;
  }

  /** Spills until so many bytes more fit into memory, or nothing is left that may go. */
  async #makeRoom(bytes: number): Promise<void> {
    const limitBytes = this.#options.memoryLimitBytes;
    if (this.#memoryBytes + bytes <= limitBytes) return;
    for (const [objectId, entry] of [...this.#entries]) {
      if (this.#memoryBytes + bytes <= limitBytes) return;
      if (entry.place !== "memory" || this.#options.isInUse?.(objectId)) continue;
      await this.#spill(objectId, entry);
    }
  }

  async #spill(objectId: string, entry: Entry): Promise<void> {
    const from = objectPath(this.folders.memory, objectId);
    const temporary = temporaryPath(this.folders.disk);
    let place: Place = "disk";
    try {
      using file = new NewFile(temporary);
      for await (const chunk of fileChunks(from)) await file.write(chunk);
      moveFile(temporary, objectPath(this.folders.disk, objectId));
    } catch (error) {
      removeFile(temporary);
      // It was deleted meanwhile.
      if (this.#entries.get(objectId) !== entry) return;
      const { lastTier } = this.#options;
      if (lastTier === undefined || !isStorageFull(error)) {
        return failFull(this.folders, entry.sizeBytes, error);
      }
      await lastTier.store(objectId, from);
      place = "last";
    }
    if (this.#entries.get(objectId) !== entry) return this.remove(objectId);
    removeFile(from);
    this.#settle(entry, place);
  }

  async #readBack(objectId: string, entry: Entry): Promise<void> {
    if (this.#entries.get(objectId) !== entry || entry.place === "memory") return;
    await this.#makeRoom(entry.sizeBytes).catch(() => {});
    const fits = this.#memoryBytes + entry.sizeBytes <= this.#options.memoryLimitBytes;
    if (entry.place === "last") await this.#recall(objectId, entry, fits);
    else if (fits) await this.#promote(objectId, entry);
  }

  async #promote(objectId: string, entry: Entry): Promise<void> {
    const from = objectPath(this.folders.disk, objectId);
    const temporary = temporaryPath(this.folders.memory);
    try {
      await receive(objectId, fileChunks(from), temporary, entry.sizeBytes);
      moveFile(temporary, objectPath(this.folders.memory, objectId));
      removeFile(from);
      this.#settle(entry, "memory");
    } catch (error) {
      removeFile(temporary);
      if (error instanceof RangeError) this.remove(objectId);
      // Without room in memory it is used where it lies.
      else if (isStorageFull(error)) return;
      throw error;
    }
  }

  async #recall(objectId: string, entry: Entry, fits: boolean): Promise<void> {
    const folder = fits ? this.folders.memory : this.folders.disk;
    const fetched = temporaryPath(folder);
    const checked = temporaryPath(folder);
    try {
      if (await this.#options.lastTier?.fetch(objectId, fetched) !== true) {
        return this.remove(objectId);
      }
      await receive(objectId, fileChunks(fetched), checked, entry.sizeBytes);
      moveFile(checked, objectPath(folder, objectId));
      await this.#options.lastTier?.remove(objectId);
      this.#settle(entry, fits ? "memory" : "disk");
    } finally {
      removeFile(fetched);
      removeFile(checked);
    }
  }

  #settle(entry: Entry, place: Place): void {
    this.#charge(entry, -1);
    entry.place = place;
    this.#charge(entry, 1);
  }
}

/** Writes a stream into a new file and checks what it is.
 * @throws {RangeError} when it is not the object, or too large */
async function receive(
  objectId: string,
  content: AsyncIterable<Uint8Array<ArrayBuffer>>,
  path: string,
  maxBytes: number,
): Promise<number> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  using file = new NewFile(path);
  for await (const chunk of content) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > maxBytes) {
      throw new RangeError(`Cannot store an object of more than ${formatSize(maxBytes)}`);
    }
    const written = file.write(chunk);
    hash.update(chunk);
    await written;
  }
  const found = hash.digest("hex");
  if (found === objectId) return sizeBytes;
  throw new RangeError(`Cannot store object ${objectId}: its bytes have the hash ${found}`);
}
