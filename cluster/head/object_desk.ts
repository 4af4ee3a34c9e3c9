import { setImmediate } from "node:timers";
import { errorMessage } from "../../src/base/errors.ts";
import { isObjectId } from "../objects/object_id.ts";
import { findObject, StorageFullError } from "../objects/object_folders.ts";
import type { ObjectFile } from "../objects/object_folders.ts";
import type { ObjectStore } from "../objects/object_store.ts";
import { serveFile } from "../objects/serve_file.ts";
import { refusal } from "../protocol/refusal.ts";
import { MAX_OBJECT_BYTES } from "../protocol/limits.ts";
import { isKeptByHead, objectPlaces } from "../scheduler/mod.ts";
import type { SchedulerState } from "../scheduler/mod.ts";
import type { ObjectSize, SchedulerEvent } from "../scheduler/types.ts";
import type { Mail } from "./addressing.ts";

/** How long a node that was asked for an object may send nothing of it. */
const UPLOAD_PATIENCE_MS = 30_000;
/** How often the directory is looked at while an object is awaited. */
const RECHECK_MS = 500;

/** An object that is awaited from a node. */
interface Arrival {
  /** Wakes those that wait, to look again. */
  readonly wake: Set<() => void>;
  /** Transfers that are going on. */
  transfers: number;
}

/** What came of looking for an object. */
export type Bring =
  | { readonly type: "here"; readonly file: ObjectFile }
  | { readonly type: "lost"; readonly reason: string };

/** The head's objects: answers `/objects/ID`, takes in what is put, has nodes send what only they hold, and deletes. */
export class ObjectDesk {
  readonly store: ObjectStore;
  readonly #state: SchedulerState;
  readonly #post: (event: SchedulerEvent) => void;
  readonly #askWorker: (workerId: string, objectId: string) => void;
  readonly #arrivals = new Map<string, Arrival>();

  constructor(parts: {
    readonly store: ObjectStore;
    readonly state: SchedulerState;
    readonly post: (event: SchedulerEvent) => void;
    /** Has a worker send one of its objects here. */
    readonly askWorker: (workerId: string, objectId: string) => void;
  }) {
    this.store = parts.store;
    this.#state = parts.state;
    this.#post = parts.post;
    this.#askWorker = parts.askWorker;
  }

  /** Answers `GET`, `HEAD` and `PUT /objects/ID`. The caller has checked the token. */
  async answer(request: Request, url: URL): Promise<Response> {
    const objectId = url.pathname.slice("/objects/".length);
    if (!isObjectId(objectId)) {
      return refusal(400, "An object is named by the 64 hexadecimal digits of its SHA-256");
    }
    switch (request.method) {
      case "GET":
      case "HEAD": {
        const claimant = url.searchParams.get("client");
        if (claimant !== null) return await this.#claim(objectId, claimant);
        const brought = await this.bring(objectId);
        if (brought.type === "lost") return refusal(410, brought.reason);
        return serveFile(request, brought.file);
      }
      case "PUT":
        return await this.#take(request, objectId, url.searchParams.get("client"));
      default:
        return refusal(405, `Cannot ${request.method} an object`);
    }
  }

  /** A client holds objects. Resolves once that is known: from then on they are not deleted.
   * @param objects with their sizes in bytes */
  async hold(clientId: string, objects: readonly ObjectSize[]): Promise<void> {
    this.#post({ type: "ObjectsHeld", clientId, objects });
    await eventsTaken();
  }

  /** An object was written into this store by this process. */
  noteStored(size: ObjectSize): void {
    this.store.admit(size.objectId);
    this.#post({ type: "ObjectsStored", holder: undefined, objects: [size] });
    this.#wake(size.objectId);
  }

  /** A worker of this machine left a result in this store. */
  noteResult({ objectId }: ObjectSize): void {
    this.store.admit(objectId);
    // It was deleted since, by the end of an earlier one with the same bytes.
    if (!this.store.has(objectId)) this.#noteGone(objectId);
    this.#wake(objectId);
  }

  /** Has an object here, from whichever node holds it. */
  async bring(objectId: string): Promise<Bring> {
    const asked = new Map<string, number>();
    while (true) {
      const found = await this.#find(objectId);
      if (found !== undefined) return { type: "here", file: found };
      const { workerIds, isExpected, lostFrom } = objectPlaces(this.#state, objectId);
      if (workerIds.length === 0 && !isExpected) {
        return { type: "lost", reason: lostReason(objectId, lostFrom) };
      }
      const holder = workerIds.find((id) => !asked.has(id));
      if (holder !== undefined) {
        asked.set(holder, Date.now());
        this.#askWorker(holder, objectId);
      } else if (!isExpected && !this.#isArriving(objectId) && isOverdue(asked)) {
        // They are taken not to have it, so that it is computed again where that can be.
        for (const id of asked.keys()) {
          this.#post({ type: "ObjectsDropped", holder: id, objectIds: [objectId] });
        }
        return {
          type: "lost",
          reason: `Object ${objectId} did not come from ${[...asked.keys()]}`,
        };
      }
      await this.#arrival(objectId);
    }
  }

  /** Carries out what the scheduler decided on objects. Looked at once more before anything is deleted, since a later
   * event of the same batch may refer to it again. */
  deliver(mail: Mail): void {
    for (const objectId of mail.deletedHere) {
      if (!isKeptByHead(this.#state, objectId)) this.store.remove(objectId);
    }
    for (const objectId of mail.secured) this.bring(objectId).catch(() => {});
  }

  /** Copies came or went: whoever waits for one of them looks again. */
  noteChange(objectIds: readonly string[]): void {
    for (const objectId of objectIds) this.#wake(objectId);
  }

  async #find(objectId: string): Promise<ObjectFile | undefined> {
    try {
      const found = await this.store.use(objectId);
      if (found !== undefined) return found;
      if (isKeptByHead(this.#state, objectId)) this.#noteGone(objectId);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#noteGone(objectId);
    }
    return findObject(this.store.folders, objectId);
  }

  /** Whoever is about to store an object that is here need not send it. */
  async #claim(objectId: string, clientId: string): Promise<Response> {
    const found = findObject(this.store.folders, objectId);
    if (found === undefined) return refusal(404, `Object ${objectId} is not here`);
    await this.hold(clientId, [{ objectId, sizeBytes: found.sizeBytes }]);
    if (!this.store.has(objectId)) return refusal(404, `Object ${objectId} is not here any more`);
    return new Response(null, { status: 200 });
  }

  async #take(request: Request, objectId: string, clientId: string | null): Promise<Response> {
    const sizeBytes = Number(request.headers.get("content-length") ?? 0);
    if (clientId !== null) await this.hold(clientId, [{ objectId, sizeBytes }]);
    const arrival = this.#arrivalOf(objectId);
    arrival.transfers++;
    try {
      if (this.store.has(objectId)) {
        await request.body?.cancel();
      } else {
        const content = request.body ?? new Blob([]).stream();
        await this.store.write(objectId, content, MAX_OBJECT_BYTES, sizeBytes);
      }
      const found = findObject(this.store.folders, objectId);
      if (found !== undefined) this.noteStored({ objectId, sizeBytes: found.sizeBytes });
      await eventsTaken();
      return new Response(null, { status: 201 });
    } catch (error) {
      if (error instanceof RangeError) return refusal(422, errorMessage(error));
      if (error instanceof StorageFullError) return refusal(507, errorMessage(error));
      throw error;
    } finally {
      arrival.transfers--;
      this.#wake(objectId);
    }
  }

  #noteGone(objectId: string): void {
    this.#post({ type: "ObjectsDropped", holder: undefined, objectIds: [objectId] });
  }

  #arrivalOf(objectId: string): Arrival {
    let arrival = this.#arrivals.get(objectId);
    if (arrival === undefined) {
      arrival = { wake: new Set(), transfers: 0 };
      this.#arrivals.set(objectId, arrival);
    }
    return arrival;
  }

  #isArriving(objectId: string): boolean {
    return (this.#arrivals.get(objectId)?.transfers ?? 0) > 0;
  }

  /** Resolves when something about the object changed, or after a while. */
  async #arrival(objectId: string): Promise<void> {
    const { wake } = this.#arrivalOf(objectId);
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, RECHECK_MS);
    wake.add(resolve);
    await promise;
    clearTimeout(timer);
    wake.delete(resolve);
    this.#forgetArrival(objectId);
  }

  #wake(objectId: string): void {
    for (const resolve of this.#arrivals.get(objectId)?.wake ?? []) resolve();
    this.#forgetArrival(objectId);
  }

  #forgetArrival(objectId: string): void {
    const arrival = this.#arrivals.get(objectId);
    if (arrival?.transfers === 0 && arrival.wake.size === 0) this.#arrivals.delete(objectId);
  }
}

/** Resolves when the events that were posted before are taken in: the engine takes them in the order of turns. */
async function eventsTaken(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}

function isOverdue(asked: ReadonlyMap<string, number>): boolean {
  return Date.now() - Math.max(...asked.values()) > UPLOAD_PATIENCE_MS;
}

function lostReason(objectId: string, lostFrom: string | undefined): string {
  return lostFrom === undefined
    ? `Object ${objectId} is nowhere: it was never put, or was released and deleted`
    : `Object ${objectId} is lost: its last copy was that of ${lostFrom}`;
}
