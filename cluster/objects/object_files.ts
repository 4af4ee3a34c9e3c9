import { createHash } from "node:crypto";
import { newId } from "../../src/base/ids.ts";
import { isObjectId } from "./object_id.ts";

/** A folder of immutable objects, each a file named by the SHA-256 of its bytes. The head has one, and so has every
 * node: a file that is there is whole, since it is renamed into place after its hash was checked. */
export class ObjectFiles {
  constructor(readonly folder: string) {
    Deno.mkdirSync(folder, { recursive: true });
  }

  /** Where the object is, or would be.
   * @throws {RangeError} for what is not an object id: nothing else becomes part of a path */
  path(objectId: string): string {
    if (!isObjectId(objectId)) {
      throw new RangeError(`Cannot name an object ${JSON.stringify(objectId.slice(0, 80))}`);
    }
    return `${this.folder}/${objectId}`;
  }

  /** The size of a stored object in bytes, or undefined when it is not here. */
  async sizeBytes(objectId: string): Promise<number | undefined> {
    try {
      return (await Deno.stat(this.path(objectId))).size;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  /** How many objects there are, and their bytes in all. */
  async usage(): Promise<{ count: number; bytes: number }> {
    const sizes: (number | undefined)[] = [];
    for await (const { name } of Deno.readDir(this.folder)) {
      if (isObjectId(name)) sizes.push(await this.sizeBytes(name));
    }
    const found = sizes.filter((size) => size !== undefined);
    return { count: found.length, bytes: found.reduce((sum, size) => sum + size, 0) };
  }

  /** Stores a stream of bytes under its expected hash.
   * @throws {RangeError} when the bytes have another hash, or are more than `maxBytes`; then nothing is stored */
  async write(
    objectId: string,
    content: ReadableStream<Uint8Array>,
    maxBytes: number,
  ): Promise<number> {
    const path = this.path(objectId);
    const temporaryPath = `${this.folder}/.${newId("tmp")}`;
    const hash = createHash("sha256");
    let sizeBytes = 0;
    try {
      using file = await Deno.open(temporaryPath, { write: true, createNew: true });
      for await (const chunk of content) {
        sizeBytes += chunk.byteLength;
        if (sizeBytes > maxBytes) {
          throw new RangeError(`Cannot store an object of more than ${maxBytes} bytes`);
        }
        hash.update(chunk);
        for (let written = 0; written < chunk.byteLength;) {
          written += await file.write(chunk.subarray(written));
        }
      }
      const found = hash.digest("hex");
      if (found !== objectId) {
        throw new RangeError(`Cannot store object ${objectId}: its bytes have the hash ${found}`);
      }
      await Deno.rename(temporaryPath, path);
      return sizeBytes;
    } catch (error) {
      await Deno.remove(temporaryPath).catch(() => {});
      throw error;
    }
  }
}
