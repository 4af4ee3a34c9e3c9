import type { ObjectFiles } from "../objects/object_files.ts";

/** A client's way to the objects of its cluster. */
export interface ObjectAccess {
  /** Keeps an object under its id; one that is there already is left as it is. */
  store(objectId: string, object: Uint8Array<ArrayBuffer>): Promise<void>;
  /** The bytes of an object.
   * @throws {Error} when the cluster does not have it */
  fetch(objectId: string): Promise<Uint8Array<ArrayBuffer>>;
}

/** Objects of a head in this very process: files. */
export class HeadObjects implements ObjectAccess {
  readonly #files: ObjectFiles;

  constructor(files: ObjectFiles) {
    this.#files = files;
  }

  async store(objectId: string, object: Uint8Array<ArrayBuffer>): Promise<void> {
    if (await this.#files.sizeBytes(objectId) !== undefined) return;
    await this.#files.write(objectId, ReadableStream.from([object]), object.byteLength);
  }

  async fetch(objectId: string): Promise<Uint8Array<ArrayBuffer>> {
    if (await this.#files.sizeBytes(objectId) === undefined) {
      throw new Error(`Cannot GET object ${objectId}: the head does not have it`);
    }
    return await Deno.readFile(this.#files.path(objectId));
  }
}

/** Before larger objects are sent, the head is asked whether it has them. */
const ASK_FIRST_BYTES = 256 * 1024;

/** Objects of a head elsewhere, over HTTP. */
export class RemoteObjects implements ObjectAccess {
  readonly #headUrl: string;
  readonly #token: string;

  constructor(headUrl: string, token: string) {
    this.#headUrl = headUrl;
    this.#token = token;
  }

  async store(objectId: string, object: Uint8Array<ArrayBuffer>): Promise<void> {
    if (object.byteLength >= ASK_FIRST_BYTES && await this.#has(objectId)) return;
    const response = await this.#request(objectId, { method: "PUT", body: object });
    await response.body?.cancel();
  }

  async fetch(objectId: string): Promise<Uint8Array<ArrayBuffer>> {
    return await (await this.#request(objectId, { method: "GET" })).bytes();
  }

  async #has(objectId: string): Promise<boolean> {
    const headers = { authorization: `Bearer ${this.#token}` };
    const url = `${this.#headUrl}/objects/${objectId}`;
    const response = await fetch(url, { method: "HEAD", headers });
    return response.ok;
  }

  async #request(objectId: string, init: RequestInit): Promise<Response> {
    const headers = { authorization: `Bearer ${this.#token}` };
    const response = await fetch(`${this.#headUrl}/objects/${objectId}`, { ...init, headers });
    if (response.ok) return response;
    throw new Error(
      `Cannot ${init.method} object ${objectId}: the head answered ${response.status} ${await response
        .text()}`,
    );
  }
}
