import { CodedError } from "../../src/base/errors.ts";
import { createHash } from "node:crypto";
import { joinParts } from "../../src/base/object_codec.ts";
import type { ObjectDesk } from "../head/object_desk.ts";
import { askPatiently } from "../objects/ask_patiently.ts";
import type { Patience } from "../objects/ask_patiently.ts";
import { writeObject, writeObjectSync } from "../objects/object_folders.ts";
import { ObjectMissingError, pullObject, reasonOf } from "../objects/pull_object.ts";
import { decodeStored, readStoredFile } from "../objects/value_file.ts";
import type { ObjectSize } from "../scheduler/types.ts";
import { bearer, type Token, tokenNow } from "../protocol/access.ts";

/** The bytes of an object, in parts that follow each other. */
export type ObjectParts = readonly Uint8Array<ArrayBuffer>[];

/** An object that is on its way into the store. */
export interface StoringObject extends ObjectSize {
  /** Resolves once it is there, held by this client; undefined when it is already. */
  readonly stored: Promise<void> | undefined;
}

/** A client's way to the objects of its cluster. */
export interface ObjectAccess {
  /** Stores an object for this client, which holds it then. The parts must not change before it is there. */
  store(parts: ObjectParts): Promise<ObjectSize>;
  /** Takes the parts as they are in this very moment and stores them; they may change right after. */
  storeNow(parts: ObjectParts): StoringObject;
  /** The value of an object.
   * @throws {ObjectMissingError} when the cluster does not have it */
  load(objectId: string): Promise<unknown>;
}

/** Objects of a head in this very process: files. */
export class HeadObjects implements ObjectAccess {
  readonly #desk: ObjectDesk;
  readonly #clientId: string;

  constructor(desk: ObjectDesk, clientId: string) {
    this.#desk = desk;
    this.#clientId = clientId;
  }

  async store(parts: ObjectParts): Promise<ObjectSize> {
    const size = await writeObject(this.#desk.store.folders, parts);
    this.#note(size);
    await this.#desk.hold(this.#clientId, []);
    await this.#desk.store.settled();
    return size;
  }

  storeNow(parts: ObjectParts): StoringObject {
    const size = writeObjectSync(this.#desk.store.folders, parts);
    this.#note(size);
    return { ...size, stored: undefined };
  }

  async load(objectId: string): Promise<unknown> {
    const brought = await this.#desk.bring(objectId);
    if (brought.type === "lost") throw new ObjectMissingError(brought.reason);
    return await readStoredFile(brought.file.path, this.#desk.store.folders.disk);
  }

  /** Both events are of the turn in which the file came to be: nothing can delete it in between. */
  #note(size: ObjectSize): void {
    this.#desk.hold(this.#clientId, [size]);
    this.#desk.noteStored(size);
  }
}

/** Before larger objects are sent, the head is asked whether it has them. */
const ASK_FIRST_BYTES = 256 * 1024;

/** Objects of a head elsewhere, over HTTP. A head that is away for a while is waited for. */
export class RemoteObjects implements ObjectAccess {
  readonly #source: { readonly url: string; readonly token: Token };
  readonly #patience: Patience;
  readonly #clientId: string;

  /** @param clientId who holds what it stores */
  constructor(source: { url: string; token: Token }, patience: Patience, clientId: string) {
    this.#source = source;
    this.#patience = patience;
    this.#clientId = clientId;
  }

  async store(parts: ObjectParts): Promise<ObjectSize> {
    const { stored, ...size } = this.storeNow(parts);
    await stored;
    return size;
  }

  storeNow(parts: ObjectParts): StoringObject {
    const bytes = joinParts(parts);
    const objectId = createHash("sha256").update(bytes).digest("hex");
    const stored = this.#send(objectId, bytes);
    return { objectId, sizeBytes: bytes.byteLength, stored };
  }

  async load(objectId: string): Promise<unknown> {
    const chunks: Uint8Array[] = [];
    const { url, token } = this.#source;
    const pulled = pullObject({ url, token: tokenNow(token) }, objectId, this.#patience);
    for await (const chunk of pulled) chunks.push(chunk);
    return await decodeStored(joinParts(chunks));
  }

  /** Has an object at the head, held by this client until it leaves. */
  async hold(objectId: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#send(objectId, bytes);
  }

  async #send(objectId: string, body: Uint8Array<ArrayBuffer>): Promise<void> {
    const { url, token } = this.#source;
    const authorization = bearer(token);
    const address = `${url}/objects/${objectId}?client=${encodeURIComponent(this.#clientId)}`;
    const ask = (init: RequestInit) => askPatiently(this.#patience, () => fetch(address, init));
    if (body.byteLength >= ASK_FIRST_BYTES) {
      const { ok } = await ask({ method: "HEAD", headers: { authorization } });
      if (ok) return;
    }
    const headers = { authorization, "content-length": String(body.byteLength) };
    const response = await ask({ method: "PUT", headers, body });
    if (response.ok) return await response.body?.cancel();
    throw new CodedError(
      "object/not-put",
      `Cannot put an object of ${body.byteLength} bytes: the head answered ${response.status}: ` +
        await reasonOf(response),
    );
  }
}
