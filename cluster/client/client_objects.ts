import { decodeValue } from "../../src/base/value_codec.ts";
import { isObjectId } from "../objects/object_id.ts";
import { ObjectMissingError } from "../objects/pull_object.ts";
import { encodeStored } from "../objects/value_file.ts";
import type { ClientMessage } from "../protocol/messages.ts";
import { isObjectRef } from "../protocol/object_ref.ts";
import type { ObjectRef } from "../protocol/object_ref.ts";
import type { ObjectSize, ResultRef } from "../scheduler/types.ts";
import { storeLargeArguments } from "./large_arguments.ts";
import type { ObjectAccess } from "./object_access.ts";
import { ObjectHolds } from "./object_holds.ts";
import { ObjectLostError } from "./types.ts";
import type { PutOptions } from "./types.ts";

/** The arguments of a call as they travel. */
export interface PackedArguments {
  readonly args: readonly unknown[];
  /** The tasks whose handles were among them. */
  readonly dependencies: readonly string[];
  /** All objects among them. */
  readonly objects: readonly ObjectSize[];
  /** Resolves once those that had to be stored are there; undefined when all are. */
  readonly stored: Promise<unknown> | undefined;
  /** The task has ended: what was stored for it alone is not held any more. */
  readonly letGo: () => void;
}

const NOTHING_STORED = () => {};
const NO_OBJECTS: readonly ObjectSize[] = [];

/** What a client does with objects, and what it has to tell the head about them. */
export class ClientObjects {
  readonly #access: ObjectAccess;
  readonly #holds: ObjectHolds;
  readonly #onMessage: () => void;
  readonly #letGo = new Set<string>();
  #held: ObjectSize[] = [];
  #other: ClientMessage[] = [];

  /** @param onMessage called when there is something to be told: see {@linkcode takeMessages} */
  constructor(access: ObjectAccess, onMessage: () => void) {
    this.#access = access;
    this.#onMessage = onMessage;
    this.#holds = new ObjectHolds((objectId) => {
      this.#letGo.add(objectId);
      onMessage();
    });
  }

  /** Stores a value: see `ClusterClient.put`. */
  async put(value: unknown, { pinned }: PutOptions = {}): Promise<ObjectRef> {
    const size = await this.#access.store(encodeStored(value));
    this.#noteHeld(size);
    if (pinned) this.#say({ type: "PinObjects", objects: [size] });
    return this.#holds.hand(size);
  }

  /** The value of a reference: see `ClusterClient.get`. */
  async get(ref: ObjectRef): Promise<unknown> {
    try {
      return await this.#access.load(checked(ref).objectId);
    } catch (error) {
      if (!(error instanceof ObjectMissingError)) throw error;
      throw new ObjectLostError(ref.$object, error.message);
    }
  }

  /** Gives a reference back. */
  release(ref: ObjectRef): void {
    this.#holds.release(ref);
  }

  /** A pinned object lives no longer than others do. */
  unpin(ref: ObjectRef): void {
    this.#say({ type: "UnpinObjects", objectIds: [checked(ref).objectId] });
  }

  /** An item of a stream has arrived: if it is an object it is held until it is taken, or dropped. */
  keepItem(item: ResultRef): void {
    if (item.type === "inline") return;
    this.#noteHeld(item);
    this.#holds.add(item);
  }

  /** The value of an item of a stream, which is not held any more. */
  async takeItem(item: ResultRef): Promise<unknown> {
    if (item.type === "inline") return decodeValue(item.bytes);
    try {
      return await this.#access.load(item.objectId);
    } finally {
      this.dropItem(item);
    }
  }

  /** Nobody takes the item. */
  dropItem(item: ResultRef): void {
    if (item.type === "stored") this.#holds.letGo(item.objectId);
  }

  /** Makes arguments fit for a message: the large ones become objects, as they are now. */
  pack(values: readonly unknown[], dependencies: readonly string[]): PackedArguments {
    const { args, stored } = storeLargeArguments(values, this.#access);
    const objects = args.some(isObjectRef) ? args.filter(isObjectRef).map(checked) : NO_OBJECTS;
    if (stored.length === 0) {
      return { args, dependencies, objects, stored: undefined, letGo: NOTHING_STORED };
    }
    const waits = stored.flatMap(({ stored }) => stored === undefined ? [] : [stored]);
    for (const size of stored) {
      this.#noteHeld(size);
      this.#holds.add(size);
    }
    return {
      args,
      dependencies,
      objects,
      stored: waits.length === 0 ? undefined : Promise.all(waits),
      letGo: () => stored.forEach(({ objectId }) => this.#holds.letGo(objectId)),
    };
  }

  /** What the head has to be told, in this order and before the tasks of the same moment. */
  takeMessages(): ClientMessage[] {
    const messages = this.#other;
    this.#other = [];
    if (this.#letGo.size > 0) {
      messages.unshift({ type: "ReleaseObjects", objectIds: [...this.#letGo] });
      this.#letGo.clear();
    }
    if (this.#held.length > 0) messages.unshift({ type: "HoldObjects", objects: this.#held });
    this.#held = [];
    return messages;
  }

  /** A head has to be told over a new connection, before anything else: all that is held. */
  repeatHolds(): void {
    this.#held = [...this.#holds.all()];
  }

  #noteHeld({ objectId, sizeBytes }: ObjectSize): void {
    // A release that has not gone out yet is taken back.
    this.#letGo.delete(objectId);
    if (this.#holds.has(objectId)) return;
    this.#held.push({ objectId, sizeBytes });
    this.#onMessage();
  }

  #say(message: ClientMessage): void {
    this.#other.push(message);
    this.#onMessage();
  }
}

function checked(ref: ObjectRef): ObjectSize {
  if (isObjectRef(ref)) {
    const { $object: objectId, sizeBytes } = ref;
    if (isObjectId(objectId) && Number.isSafeInteger(sizeBytes) && sizeBytes >= 0) {
      return { objectId, sizeBytes };
    }
  }
  const shown = (JSON.stringify(ref) ?? String(ref)).slice(0, 120);
  throw new TypeError(`Cannot use ${shown}: it is no reference of put()`);
}
