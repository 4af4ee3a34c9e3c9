import { sizeBytesIfThere } from "../../src/base/if_there.ts";
import { cString, libc } from "./libc.ts";
import { readMapped } from "./map_file.ts";

const O_RDONLY = 0, SEEK_END = 2;
const MODE = 0o600;
const CHUNK_BYTES = 1024 * 1024;
/** Pieces that one call of the system takes: IOV_MAX. */
const MAX_PIECES = 1024;

/** Nothing more could be written into a folder of memory: as a rule it is full. */
export class MemoryFullError extends Error {
  override readonly name = "MemoryFullError";
}

/** The size of a file in bytes, or undefined when it is not there. */
export function fileSizeBytes(path: string): number | undefined {
  if (libc === undefined) return sizeBytesIfThere(path);
  const file = libc.open(cString(path), O_RDONLY);
  if (file < 0) return undefined;
  const size = libc.lseek(file, 0n, SEEK_END);
  libc.close(file);
  return Number(size);
}

/** Moves a file into its place.
 * @throws {Error} when it is not there */
export function moveFile(from: string, to: string): void {
  if (libc === undefined) return Deno.renameSync(from, to);
  if (libc.rename(cString(from), cString(to)) !== 0) {
    throw new Error(`Cannot move ${from} to ${to}`);
  }
}

/** Deletes a file; one that is not there is no mistake. */
export function removeFile(path: string): void {
  if (libc !== undefined) {
    libc.unlink(cString(path));
    return;
  }
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Makes a link under another name.
 * @throws {Error} when it cannot be made */
export function linkFile(target: string, path: string): void {
  if (libc === undefined) return Deno.symlinkSync(target, path);
  if (libc.symlink(cString(target), cString(path)) !== 0) throw new Error(`Cannot link ${path}`);
}

/** The bytes of a file, in pieces, from an offset on. */
export async function* fileChunks(
  path: string,
  fromBytes = 0,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const bytes = readMapped(path);
  for (let at = fromBytes; at < bytes.byteLength; at += CHUNK_BYTES) {
    yield bytes.slice(at, at + CHUNK_BYTES);
    // Others have their turn: a large file takes long.
    await Promise.resolve();
  }
}

/** A file that is being written. */
export class NewFile implements Disposable {
  readonly #file: number | Deno.FsFile;

  /** Makes the file, or empties it.
   * @throws {MemoryFullError} when it cannot be made */
  constructor(path: string) {
    if (libc === undefined) {
      this.#file = Deno.openSync(path, { write: true, create: true, truncate: true, mode: MODE });
      return;
    }
    this.#file = libc.creat(cString(path), MODE);
    if (this.#file < 0) throw new MemoryFullError(`Cannot make ${path}`);
  }

  /** Writes all bytes within this call. */
  writeSync(bytes: Uint8Array<ArrayBuffer>): void {
    for (let written = 0; written < bytes.byteLength;) {
      const rest = bytes.subarray(written);
      if (typeof this.#file !== "number") written += this.#file.writeSync(rest);
      else written += checked(libc?.write(this.#file, rest, BigInt(rest.byteLength)));
    }
  }

  /** Writes all bytes on another thread; they must not change meanwhile. */
  async write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    for (let written = 0; written < bytes.byteLength;) {
      const rest = bytes.subarray(written);
      if (typeof this.#file !== "number") written += await this.#file.write(rest);
      else {
        const size = BigInt(rest.byteLength);
        written += checked(await libc?.writeElsewhere(this.#file, rest, size));
      }
    }
  }

  /** Writes all parts, one after the other, on another thread; they must not change meanwhile. As many as one call of the
   * system takes are handed over within this call: what the caller does next goes on beside the writing. */
  async writeAll(parts: readonly Uint8Array<ArrayBuffer>[]): Promise<void> {
    if (typeof this.#file !== "number") {
      for (const part of parts) await this.write(part);
      return;
    }
    for (let rest = parts.filter(({ byteLength }) => byteLength > 0); rest.length > 0;) {
      const pieces = rest.slice(0, MAX_PIECES);
      const written = libc?.writevElsewhere(this.#file, vectorOf(pieces), pieces.length);
      rest = withoutFirst(rest, checked(await written));
    }
  }

  [Symbol.dispose](): void {
    if (typeof this.#file === "number") libc?.close(this.#file);
    else this.#file.close();
  }
}

/** `struct iovec` of 64-bit Linux for each piece: its address and its length, eight bytes each. */
function vectorOf(pieces: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const vector = new BigUint64Array(2 * pieces.length);
  pieces.forEach((piece, i) => {
    vector[2 * i] = Deno.UnsafePointer.value(Deno.UnsafePointer.of(piece));
    vector[2 * i + 1] = BigInt(piece.byteLength);
  });
  return new Uint8Array(vector.buffer);
}

/** What follows so many bytes. */
function withoutFirst(
  parts: readonly Uint8Array<ArrayBuffer>[],
  bytes: number,
): Uint8Array<ArrayBuffer>[] {
  let at = 0;
  for (; at < parts.length && bytes >= parts[at].byteLength; at++) bytes -= parts[at].byteLength;
  const rest = parts.slice(at);
  if (bytes > 0) rest[0] = rest[0].subarray(bytes);
  return rest;
}

function checked(written: bigint | undefined): number {
  if (written === undefined || written <= 0n) throw new MemoryFullError("Cannot write more");
  return Number(written);
}
