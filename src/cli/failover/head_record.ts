import { delay } from "@std/async/delay";
import { type Clock, systemClock } from "../../base/clock.ts";
import { newId } from "../../base/ids.ts";
import type { ObjectStore } from "../../lakehouse/store/object_store.ts";
import type { StateTarget } from "../../../cluster/head/state_stream.ts";

/** Which head a cluster has now: what workers and clients follow, and what only one head can have. */
export interface HeadRecord {
  /** Rises with every head that takes over. */
  readonly term: number;
  readonly holder: string;
  /** Where it listens; null until it does. */
  readonly url: string | null;
  readonly atMs: number;
  /** The folder of the state from which it began, or which it streams now; null: there is none. */
  readonly state: string | null;
}

/** What was streamed. */
export interface StreamedState {
  readonly snapshot: Uint8Array;
  readonly changes: readonly Uint8Array[];
}

const RECORD_KEY = "head.json";
/** A head that did not renew its record for so long has lost it. It ends itself a quarter of that earlier. */
export const LEASE_MS = 20_000;
const RENEW_SHARE = 0.2;
const GIVE_UP_SHARE = 0.75;
const TEXT = { decoder: new TextDecoder(), encoder: new TextEncoder() };

/** Reads which head a cluster has; undefined when it never had one there. */
export async function readHeadRecord(
  store: ObjectStore,
): Promise<{ readonly record: HeadRecord; readonly tag: string } | undefined> {
  const found = await store.get(RECORD_KEY);
  return found && { record: JSON.parse(TEXT.decoder.decode(found.bytes)), tag: found.tag };
}

/** A head's right to be the only one of its cluster, and the place of its state. Fenced by the record's conditional
 * write: who takes over raises the term, and the head before finds that out at its next renewal, or ends itself when it
 * cannot renew. Each term has a folder of its own, so that a head of the past changes nothing of the state of now. */
export class HeadLease implements StateTarget {
  readonly #store: ObjectStore;
  readonly #clock: Clock;
  readonly #leaseMs: number;
  #record: HeadRecord;
  #tag: string;
  #snapshots = 0;
  #sequence = 0;
  /** One write at a time: each is conditional on the one before. */
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(
    store: ObjectStore,
    record: HeadRecord,
    tag: string,
    clock: Clock,
    leaseMs: number,
  ) {
    this.#store = store;
    this.#record = record;
    this.#tag = tag;
    this.#clock = clock;
    this.#leaseMs = leaseMs;
  }

  /** Takes the record once no other head holds it: waits as a standby until then.
   * @param onWait told whose end is waited for */
  static async take(
    store: ObjectStore,
    { signal, onWait, clock = systemClock, leaseMs = LEASE_MS }: {
      readonly signal: AbortSignal;
      readonly onWait: (record: HeadRecord) => void;
      readonly clock?: Clock;
      readonly leaseMs?: number;
    },
  ): Promise<HeadLease> {
    const holder = newId("head");
    for (let toldTerm = -1;;) {
      signal.throwIfAborted();
      const seen = await readHeadRecord(store);
      const isHeld = seen !== undefined && clock.nowMs() - seen.record.atMs < leaseMs;
      if (!isHeld) {
        const term = (seen?.record.term ?? 0) + 1;
        const state = seen?.record.state ?? null;
        const record = { term, holder, url: null, atMs: clock.nowMs(), state };
        const tag = await store.swap(RECORD_KEY, bytesOf(record), seen?.tag ?? null);
        if (tag !== undefined) return new HeadLease(store, record, tag, clock, leaseMs);
        continue;
      }
      if (seen.record.term !== toldTerm) onWait(seen.record);
      toldTerm = seen.record.term;
      await delay(leaseMs * RENEW_SHARE, { signal });
    }
  }

  /** The state that the head before has streamed; undefined when there is none. Changes after a gap are left out. */
  async inherited(): Promise<StreamedState | undefined> {
    const { state } = this.#record;
    const snapshot = state === null ? undefined : await this.#store.get(`${state}/snapshot`);
    if (snapshot === undefined) return undefined;
    const changes: Uint8Array[] = [];
    for (let sequence = 1;; sequence++) {
      const found = await this.#store.get(`${state}/${sequence}`);
      if (found === undefined) return { snapshot: snapshot.bytes, changes };
      changes.push(found.bytes);
    }
  }

  async snapshot(bytes: Uint8Array): Promise<void> {
    const before = this.#record.state;
    const state = `state/${this.#record.term}-${++this.#snapshots}`;
    await this.#store.put(`${state}/snapshot`, bytes);
    this.#sequence = 0;
    // From here on it is the one that counts.
    if (!await this.#write({ state })) throw new Error("Cannot stream: another head took over");
    if (before !== null) await this.#forget(before);
  }

  async append(changes: Uint8Array): Promise<void> {
    await this.#store.put(`${this.#record.state}/${++this.#sequence}`, changes);
  }

  /** Says where the head listens. */
  async publish(url: string): Promise<void> {
    if (!await this.#write({ url })) throw new Error("Cannot listen: another head took over");
  }

  /** Renews the record until the signal.
   * @returns why the head has to end; undefined: the signal came */
  async keep(signal: AbortSignal): Promise<string | undefined> {
    while (!signal.aborted) {
      await delay(this.#leaseMs * RENEW_SHARE, { signal }).catch(() => {});
      if (signal.aborted) return undefined;
      const renewed = await this.#write({}).catch(() => undefined);
      if (renewed === false) return "another head has taken over";
      const ageMs = this.#clock.nowMs() - this.#record.atMs;
      if (ageMs > this.#leaseMs * GIVE_UP_SHARE) {
        return `its record could not be renewed for ${Math.round(ageMs / 1_000)} s`;
      }
    }
    return undefined;
  }

  /** Gives the record back, for the next head not to wait. */
  async release(): Promise<void> {
    await this.#write({ url: null }, 0);
  }

  async #write(change: Partial<HeadRecord>, atMs = this.#clock.nowMs()): Promise<boolean> {
    const turn = this.#writing.then(async () => {
      const record = { ...this.#record, ...change, atMs };
      const tag = await this.#store.swap(RECORD_KEY, bytesOf(record), this.#tag) ??
        await this.#writeOwn(record);
      if (tag === undefined) return false;
      this.#record = record;
      this.#tag = tag;
      return true;
    });
    this.#writing = turn.catch(() => {});
    return await turn;
  }

  /** A write whose answer was lost was ours all the same: then the record is ours still, and is written again. */
  async #writeOwn(record: HeadRecord): Promise<string | undefined> {
    const seen = await readHeadRecord(this.#store);
    if (seen?.record.holder !== this.#record.holder) return undefined;
    return await this.#store.swap(RECORD_KEY, bytesOf(record), seen.tag);
  }

  async #forget(state: string): Promise<void> {
    const keys: string[] = [];
    for await (const { key } of this.#store.list(`${state}/`)) keys.push(key);
    await this.#store.remove(keys);
  }
}

function bytesOf(record: HeadRecord): Uint8Array {
  return TEXT.encoder.encode(JSON.stringify(record));
}
