import { ObjectFiles } from "../objects/object_files.ts";

const MAX_OBJECT_BYTES = 16 * 1024 ** 3;

/** The objects of a node: pulled from the head once, whoever asks, and shared by all executors as files. */
export class ObjectCache {
  readonly #files: ObjectFiles;
  readonly #headUrl: string;
  readonly #token: string;
  readonly #isHeads: boolean;
  readonly #pulling = new Map<string, Promise<string>>();

  /** @param sharedFolder where the head, on this very machine, keeps its objects: then nothing has to be pulled or
   * pushed; undefined: this node has a folder of its own */
  constructor(
    folder: string,
    sharedFolder: string | undefined,
    headUrl: string,
    token: string,
  ) {
    this.#files = new ObjectFiles(sharedFolder ?? folder);
    this.#isHeads = sharedFolder !== undefined;
    this.#headUrl = headUrl;
    this.#token = token;
  }

  get folder(): string {
    return this.#files.folder;
  }

  /** The path of the object's file on this node, once it is there.
   * @throws {Error} when the head does not have it or it arrives broken */
  path(objectId: string): Promise<string> {
    const pulling = this.#pulling.get(objectId);
    if (pulling !== undefined) return pulling;
    const pull = this.#pull(objectId).finally(() => this.#pulling.delete(objectId));
    this.#pulling.set(objectId, pull);
    return pull;
  }

  /** Sends an object of this node to the head, so that it outlives the node. */
  async push(objectId: string): Promise<void> {
    if (this.#isHeads) return;
    using file = await Deno.open(this.#files.path(objectId), { read: true });
    const response = await this.#request("PUT", objectId, file.readable);
    await response.body?.cancel();
  }

  async #pull(objectId: string): Promise<string> {
    const path = this.#files.path(objectId);
    if (await this.#files.sizeBytes(objectId) === undefined) {
      const response = await this.#request("GET", objectId);
      await this.#files.write(objectId, response.body ?? new Blob([]).stream(), MAX_OBJECT_BYTES);
    }
    return path;
  }

  async #request(
    method: string,
    objectId: string,
    body?: ReadableStream<Uint8Array>,
  ): Promise<Response> {
    const headers = { authorization: `Bearer ${this.#token}` };
    const response = await fetch(`${this.#headUrl}/objects/${objectId}`, { method, headers, body });
    if (response.ok) return response;
    throw new Error(
      `Cannot ${method} object ${objectId}: the head answered ${response.status} ${await response
        .text()}`,
    );
  }
}
