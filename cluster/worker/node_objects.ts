import { errorMessage } from "../../src/base/errors.ts";
import { askPatiently } from "../objects/ask_patiently.ts";
import { readMapped } from "../objects/map_file.ts";
import { fileChunks } from "../objects/memory_files.ts";
import { makeMemoryFolder, removeMemoryFolder } from "../objects/memory_folder.ts";
import { findObject } from "../objects/object_folders.ts";
import type { ObjectFolders } from "../objects/object_folders.ts";
import { ObjectStore } from "../objects/object_store.ts";
import { pullObject, reasonOf } from "../objects/pull_object.ts";
import { MAX_OBJECT_BYTES } from "../protocol/limits.ts";
import type { WorkerMessage, WorkerStore } from "../protocol/messages.ts";
import type { AttemptId, AttemptReport, ObjectFetch } from "../scheduler/types.ts";
import { DiskCopies } from "./disk_copies.ts";
import { ObjectServer } from "./object_server.ts";
import { bearer, type Token, tokenNow } from "../protocol/access.ts";

/** What the objects of a node need. */
export interface NodeObjectsOptions {
  /** A folder of this node's own: what does not fit into memory lies in it. */
  readonly nodeDir: string;
  /** The folders of a head on this very machine: then nothing has to be fetched; undefined: this node has its own. */
  readonly sharedObjects: ObjectFolders | undefined;
  /** Bytes of objects in memory; undefined for a share of what the machine has. */
  readonly objectMemoryBytes: number | undefined;
  /** The address at which other nodes reach this one; undefined: they go through the head. */
  readonly peerHost: string | undefined;
  readonly headUrl: string;
  readonly token: Token;
  /** How long the head may be away before what waits for it fails, and the worker ends itself. */
  readonly leaseMs: number;
  readonly onNotice: (message: string) => void;
}

/** Objects that an attempt reads could not be had. */
export class StarvedError extends Error {
  override readonly name = "StarvedError";
  constructor(readonly objectIds: readonly string[], message: string) {
    super(message);
  }

  /** What the head is told of an attempt that could not be run. */
  get report(): Extract<AttemptReport, { type: "starved" }> {
    return { type: "starved", objectIds: this.objectIds, message: this.message };
  }
}

type ObjectsChanged = Extract<WorkerMessage, { type: "ObjectsChanged" }>;

/** The objects of a node: fetched once, whoever asks, from another node or from the head, and shared by all executors as
 * files. On the head's machine they are the head's own files. */
export class NodeObjects implements AsyncDisposable {
  readonly folders: ObjectFolders;
  readonly #options: NodeObjectsOptions;
  readonly #send: (message: ObjectsChanged) => void;
  readonly #own: {
    readonly store: ObjectStore;
    readonly server: ObjectServer | undefined;
  } | undefined;
  readonly #pulling = new Map<string, Promise<void>>();
  readonly #usedBy = new Map<AttemptId, readonly string[]>();
  readonly #uses = new Map<string, number>();
  readonly #copies: DiskCopies;
  readonly #ended = new AbortController();
  readonly #patience: { readonly patienceMs: number; readonly signal: AbortSignal };

  /** @param send tells the head what came and what went */
  constructor(options: NodeObjectsOptions, send: (message: ObjectsChanged) => void) {
    this.#options = options;
    this.#send = send;
    this.#patience = { patienceMs: options.leaseMs, signal: this.#ended.signal };
    this.#copies = new DiskCopies(options.nodeDir);
    if (options.sharedObjects === undefined) this.#own = this.#openOwn();
    this.folders = options.sharedObjects ?? this.#ownStore.folders;
  }

  /** What the head is told of this node's objects at every connection. */
  describe(): WorkerStore {
    if (this.#own === undefined) return { type: "shared" };
    const { store, server } = this.#own;
    return { type: "own", url: server?.url, objects: store.list() };
  }

  /** Whether an attempt can begin without waiting for any object. */
  isReady(fetches: readonly ObjectFetch[]): boolean {
    return fetches.every(({ objectId, isHere }) =>
      isHere && (this.#own === undefined || this.#own.store.has(objectId))
    );
  }

  /** Keeps objects where they are until {@linkcode release}. */
  hold(attemptId: AttemptId, fetches: readonly ObjectFetch[]): void {
    if (fetches.length === 0 || this.#usedBy.has(attemptId)) return;
    const objectIds = fetches.map(({ objectId }) => objectId);
    this.#usedBy.set(attemptId, objectIds);
    for (const id of objectIds) this.#uses.set(id, (this.#uses.get(id) ?? 0) + 1);
  }

  /** The attempt reads them no more. */
  release(attemptId: AttemptId): void {
    for (const id of this.#usedBy.get(attemptId) ?? []) {
      const uses = (this.#uses.get(id) ?? 0) - 1;
      if (uses > 0) this.#uses.set(id, uses);
      else {
        this.#uses.delete(id);
        this.#copies.remove(id);
      }
    }
    this.#usedBy.delete(attemptId);
  }

  /** Resolves once all objects are on this node.
   * @throws {StarvedError} naming those that could not be had */
  async prepare(fetches: readonly ObjectFetch[]): Promise<void> {
    const outcomes = await Promise.allSettled(fetches.map((fetch) => this.#bring(fetch)));
    const missing: string[] = [];
    const reasons: string[] = [];
    outcomes.forEach((outcome, i) => {
      if (outcome.status === "fulfilled") return;
      missing.push(fetches[i].objectId);
      reasons.push(errorMessage(outcome.reason));
    });
    if (missing.length > 0) throw new StarvedError(missing, reasons.join("; ").slice(0, 4_000));
  }

  /** Has objects that are here on disk as well, as long as attempts hold them. */
  async copyToDisk(fetches: readonly ObjectFetch[]): Promise<void> {
    if (fetches.length === 0) return;
    await this.#copies.make(this.folders, fetches.map(({ objectId }) => objectId));
  }

  /** The bytes of an object, which is fetched if it is not here.
   * @throws {StarvedError} when it could not be had */
  async read(objectId: string): Promise<Uint8Array<ArrayBuffer>> {
    await this.prepare([{ objectId, sizeBytes: 0, isHere: false, sources: [] }]);
    const found = findObject(this.folders, objectId);
    if (found === undefined) throw new StarvedError([objectId], `Object ${objectId} is gone again`);
    return readMapped(found.path);
  }

  /** Takes in the result that an executor wrote.
   * @returns false when it is gone already */
  admit(objectId: string): boolean {
    this.#own?.store.admit(objectId);
    return findObject(this.folders, objectId) !== undefined;
  }

  /** Has an object of this node at the head, so that it outlives the node. */
  async push(objectId: string): Promise<void> {
    if (!this.admit(objectId)) throw new Error(`Cannot send object ${objectId}: it is gone`);
    if (this.#own !== undefined) await this.#upload(objectId);
  }

  /** Takes in an object that the code of a task put on this node, and tells the head.
   * @throws {Error} when its file is not there */
  announce(objectId: string): void {
    if (!this.admit(objectId)) throw new Error(`Cannot store object ${objectId}: its file is gone`);
    const { sizeBytes = 0 } = findObject(this.folders, objectId) ?? {};
    this.#changed([{ objectId, sizeBytes }], [], 0);
  }

  /** Nobody wants what an attempt came to: if that is an object, the head is told of it, and has it deleted. */
  discard(outcome: AttemptReport): void {
    if (outcome.type !== "succeeded" || outcome.result.type !== "stored") return;
    if (this.admit(outcome.result.objectId)) this.announce(outcome.result.objectId);
  }

  /** Nobody refers to these any more. The head is told when they are gone, as one of them may just have been made anew. */
  delete(objectIds: readonly string[]): void {
    if (this.#own === undefined) return;
    for (const id of objectIds) this.#own.store.remove(id);
    this.#changed([], objectIds, 0);
  }

  /** Sends objects of this node to the head; what is not here is said to be gone. */
  async upload(objectIds: readonly string[]): Promise<void> {
    for (const objectId of objectIds) {
      try {
        await this.#upload(objectId);
      } catch (error) {
        this.#options.onNotice(`Cannot send object ${objectId}: ${errorMessage(error)}`);
        await this.check([objectId]);
      }
    }
  }

  /** Reads objects that could not be used, and tells the head of those that are gone or broken. */
  async check(objectIds: readonly string[]): Promise<void> {
    const store = this.#own?.store;
    if (store === undefined) return;
    const broken: string[] = [];
    for (const id of objectIds) if (!await store.verify(id)) broken.push(id);
    if (broken.length > 0) this.#changed([], broken, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await this.#own?.server?.[Symbol.asyncDispose]();
    if (this.#own !== undefined) removeMemoryFolder(this.#options.nodeDir);
  }

  get #ownStore(): ObjectStore {
    if (this.#own === undefined) throw new Error("Cannot move objects: they are the head's");
    return this.#own.store;
  }

  #openOwn() {
    const { nodeDir, objectMemoryBytes, peerHost, token } = this.#options;
    const memory = makeMemoryFolder(nodeDir, objectMemoryBytes);
    const store = new ObjectStore({
      folders: { memory: memory.path, disk: `${nodeDir}/objects` },
      memoryLimitBytes: memory.limitBytes,
      isInUse: (objectId) => this.#uses.has(objectId),
    });
    const onBroken = (objectId: string) => this.#changed([], [objectId], 0);
    const server = peerHost === undefined
      ? undefined
      : new ObjectServer({ hostname: peerHost, token, store, onBroken });
    return { store, server };
  }

  #bring(fetch: ObjectFetch): Promise<void> {
    const { objectId } = fetch;
    const pulling = this.#pulling.get(objectId);
    if (pulling !== undefined) return pulling;
    const pull = this.#fetch(fetch).finally(() => this.#pulling.delete(objectId));
    this.#pulling.set(objectId, pull);
    return pull;
  }

  async #fetch(fetch: ObjectFetch): Promise<void> {
    const { objectId } = fetch;
    if (this.#own === undefined) return await this.#waitForHead(objectId);
    const { store } = this.#own;
    try {
      if (await store.use(objectId) !== undefined) return;
    } catch (error) {
      this.#options.onNotice(`Object ${objectId} is broken on this node: ${errorMessage(error)}`);
      this.#changed([], [objectId], 0);
    }
    const pulledBytes = await this.#pull(store, fetch);
    this.#changed([{ objectId, sizeBytes: pulledBytes }], [], pulledBytes);
  }

  /** From the first source that gives it whole: other nodes, then the head, which gets it from wherever it is. */
  async #pull(store: ObjectStore, { objectId, sizeBytes, sources }: ObjectFetch): Promise<number> {
    const { headUrl, token } = this.#options;
    const reasons: string[] = [];
    for (const url of [...sources, headUrl]) {
      try {
        // Whoever is away for a moment is not waited for, as others have it; the head is.
        const patience = url === headUrl ? this.#patience : undefined;
        const content = pullObject({ url, token: tokenNow(token) }, objectId, patience);
        return await store.write(objectId, content, MAX_OBJECT_BYTES, sizeBytes);
      } catch (error) {
        reasons.push(errorMessage(error));
        // Its bytes were others: the source looks at its file, and the head gets to know.
        if (error instanceof RangeError && url !== headUrl) await this.#askToVerify(url, objectId);
      }
    }
    throw new Error(reasons.join("; "));
  }

  async #askToVerify(url: string, objectId: string): Promise<void> {
    const headers = { authorization: bearer(this.#options.token) };
    const response = await fetch(`${url}/objects/${objectId}`, { method: "POST", headers })
      .catch(() => undefined);
    await response?.body?.cancel();
  }

  /** The head brings it into the folder that both share. */
  async #waitForHead(objectId: string): Promise<void> {
    if (findObject(this.folders, objectId) !== undefined) return;
    const { headUrl, token } = this.#options;
    const headers = { authorization: bearer(token) };
    const response = await askPatiently(
      this.#patience,
      () => fetch(`${headUrl}/objects/${objectId}`, { method: "HEAD", headers }),
    );
    await response.body?.cancel();
    if (findObject(this.folders, objectId) !== undefined) return;
    throw new Error(`Object ${objectId} is not on this node; the head says ${response.status}`);
  }

  async #upload(objectId: string): Promise<void> {
    const found = await this.#ownStore.use(objectId);
    if (found === undefined) throw new Error("it is not on this node");
    const { headUrl, token } = this.#options;
    const headers = {
      authorization: bearer(token),
      "content-length": String(found.sizeBytes),
    };
    const response = await askPatiently(this.#patience, () => {
      const body = ReadableStream.from(fileChunks(found.path));
      return fetch(`${headUrl}/objects/${objectId}`, { method: "PUT", headers, body });
    });
    if (response.ok) return await response.body?.cancel();
    throw new Error(`the head answered ${response.status}: ${await reasonOf(response)}`);
  }

  #changed(
    added: ObjectsChanged["added"],
    dropped: readonly string[],
    pulledBytes: number,
  ): void {
    this.#send({ type: "ObjectsChanged", added, dropped, pulledBytes });
  }
}
