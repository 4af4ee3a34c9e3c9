import { Buffer } from "node:buffer";
import { errorMessage } from "../../src/base/errors.ts";
import { decodeObject, encodeObjectParts } from "../../src/base/object_codec.ts";
import { newId } from "../../src/base/ids.ts";
import { linkFile, removeFile } from "./memory_files.ts";
import { readMapped } from "./map_file.ts";

/** How an Arrow IPC file begins. */
const ARROW_MAGIC = "ARROW1";

/** A dataframe of nodejs-polars, as much of it as is needed here: the library is loaded only where frames are. */
interface Frame {
  writeIPC(options: { readonly compression: "uncompressed" }): Uint8Array<ArrayBuffer>;
}

/** Whether a value is a dataframe of nodejs-polars, told without loading it. */
export function isFrame(value: unknown): value is Frame {
  return Object.prototype.toString.call(value) === "[object DataFrame]";
}

/** A value as the bytes of an object, in parts: a dataframe as an Arrow IPC file, all else as `encodeObjectParts`.
 * @param root what the path of an error begins with
 * @throws {TypeError} naming the path of what is no plain data; a dataframe within another value is none */
export function encodeStored(value: unknown, root?: string): Uint8Array<ArrayBuffer>[] {
  return isFrame(value)
    ? [value.writeIPC({ compression: "uncompressed" })]
    : encodeObjectParts(value, root);
}

/** The value of an object's file on this machine, mapped into memory.
 * @param folder where a link of a moment may be made
 * @throws {TypeError} when the file is no object */
export async function readStoredFile(path: string, folder: string): Promise<unknown> {
  const bytes = readMapped(path);
  return isArrow(bytes) ? await openFrame(path, folder) : decodeObject(bytes);
}

/** The value of an object's bytes.
 * @throws {TypeError} for bytes that are no object */
export async function decodeStored(bytes: Uint8Array<ArrayBuffer>): Promise<unknown> {
  if (!isArrow(bytes)) return decodeObject(bytes);
  const { default: polars } = await import("nodejs-polars");
  try {
    // Polars takes no other view of bytes than a Buffer.
    return polars.readIPC(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (cause) {
    const reason = errorMessage(cause);
    throw new TypeError(`Cannot read a dataframe of ${bytes.byteLength} bytes: ${reason}`, {
      cause,
    });
  }
}

function isArrow(bytes: Uint8Array): boolean {
  return bytes.byteLength > ARROW_MAGIC.length &&
    [...ARROW_MAGIC].every((letter, i) => bytes[i] === letter.charCodeAt(0));
}

/** Polars maps the file; it wants a name that ends in .ipc, which a link of a moment gives it. */
async function openFrame(path: string, folder: string): Promise<unknown> {
  const { default: polars } = await import("nodejs-polars");
  const link = `${folder}/.${newId("frame")}.ipc`;
  linkFile(path, link);
  try {
    return polars.readIPC(link);
  } finally {
    removeFile(link);
  }
}
