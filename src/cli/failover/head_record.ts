import { delay } from "@std/async/delay";
import { type Clock, systemClock } from "../../base/clock.ts";
import { CodedError, UserError } from "../../base/errors.ts";
import { newId } from "../../base/ids.ts";
import type { ObjectStore } from "../../lakehouse/store/object_store.ts";
import {
  readStreamedState,
  StateFolders,
  type StatePointer,
  type StreamedState,
} from "./state_folders.ts";

/** Which head a cluster has now: what workers and clients follow, and what only one head can have. */
export interface HeadRecord {
  /** Rises with every head that takes over. */
  readonly term: number;
  readonly holder: string;
  /** Where it listens; null until it does. */
  readonly url: string | null;
  /** Whether its head has ended and left it to the next one. */
  readonly isReleased: boolean;
  /** When it was written, by its head's clock. */
  readonly atMs: number;
  /** The folder of the state from which it began, or which it streams now; null: there is none. */
  readonly state: string | null;
}

const RECORD_KEY = "head.json";
/** A record that did not change for so long is no head's any more. Its head ends itself a quarter of that earlier. */
export const LEASE_MS = 20_000;
const RENEW_SHARE = 0.2;
const GIVE_UP_SHARE = 0.75;
const TEXT = { decoder: new TextDecoder(), encoder: new TextEncoder() };

interface SeenRecord {
  readonly record: HeadRecord;
  readonly tag: string;
}

/** Reads which head a cluster has; undefined when it never had one there. */
export async function readHeadRecord(store: ObjectStore): Promise<SeenRecord | undefined> {
  const found = await store.get(RECORD_KEY);
  return found && { record: JSON.parse(TEXT.decoder.decode(found.bytes)), tag: found.tag };
}

/** A head's right to be the only one of its cluster, and the place of its state. Fenced by the record's conditional
 * write: who takes over raises the term, and the head before finds that out at its next renewal, or ends itself when it
 * cannot renew, also when the store does not answer at all. */
export class HeadLease implements StatePointer {
  /** Where the head's state goes. */
  readonly state: StateFolders;
  readonly #store: ObjectStore;
  readonly #clock: Clock;
  readonly #leaseMs: number;
  #record: HeadRecord;
  #tag: string;
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
    this.state = new StateFolders(store, this);
  }

  /** Rises with every head that takes over. */
  get term(): number {
    return this.#record.term;
  }

  /** Takes the record once no other head holds it: waits as a standby until then. It goes by how long the record has not
   * changed as it was seen here: clocks of different machines are not compared.
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
    const watch = new RecordWatch(clock, leaseMs);
    for (let toldTerm = -1;;) {
      signal.throwIfAborted();
      const seen = await watch.look(store);
      if (seen !== "away" && !watch.isHeld(seen)) {
        const term = (seen?.record.term ?? 0) + 1;
        const state = seen?.record.state ?? null;
        const record = { term, holder, url: null, isReleased: false, atMs: clock.nowMs(), state };
        const tag = await store.swap(RECORD_KEY, bytesOf(record), seen?.tag ?? null);
        if (tag !== undefined) return new HeadLease(store, record, tag, clock, leaseMs);
        continue;
      }
      if (seen !== "away" && seen !== undefined && seen.record.term !== toldTerm) {
        onWait(seen.record);
        toldTerm = seen.record.term;
      }
      await delay(leaseMs * RENEW_SHARE, { signal });
    }
  }

  /** The state that the head before has streamed; undefined when there is none. */
  async inherited(): Promise<StreamedState | undefined> {
    const { state } = this.#record;
    return state === null ? undefined : await readStreamedState(this.#store, state);
  }

  async point(folder: string): Promise<boolean> {
    return await this.#write({ state: folder });
  }

  /** Says where the head listens. */
  async publish(url: string): Promise<void> {
    if (!await this.#write({ url })) {
      throw new CodedError("head/superseded", "Cannot listen: another head took over");
    }
  }

  /** Renews the record until the signal.
   * @returns why the head has to end; undefined: the signal came */
  async keep(signal: AbortSignal): Promise<string | undefined> {
    while (!signal.aborted) {
      await delay(this.#leaseMs * RENEW_SHARE, { signal }).catch(() => {});
      if (signal.aborted) return undefined;
      const renewed = await this.#renewInTime(signal);
      if (renewed === false) return "another head has taken over";
      if (this.#leftMs() <= 0) {
        const ageMs = this.#clock.nowMs() - this.#record.atMs;
        return `its record could not be renewed for ${Math.round(ageMs / 1_000)} s`;
      }
    }
    return undefined;
  }

  /** Gives the record back, for the next head not to wait. */
  async release(): Promise<void> {
    await this.#write({ url: null, isReleased: true });
  }

  /** How long the head may go on without a renewal. */
  #leftMs(): number {
    return this.#record.atMs + this.#leaseMs * GIVE_UP_SHARE - this.#clock.nowMs();
  }

  /** A store that does not answer is not waited for.
   * @returns false when another head has taken over; undefined when nothing is known */
  async #renewInTime(signal: AbortSignal): Promise<boolean | undefined> {
    const enough = new AbortController();
    const pause = delay(Math.max(0, this.#leftMs()), {
      signal: AbortSignal.any([signal, enough.signal]),
    });
    const renewed = await Promise.race([
      this.#write({}).catch(() => undefined),
      pause.then(() => undefined, () => undefined),
    ]);
    enough.abort();
    return renewed;
  }

  async #write(change: Partial<HeadRecord>): Promise<boolean> {
    const turn = this.#writing.then(async () => {
      const record = { ...this.#record, ...change, atMs: this.#clock.nowMs() };
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
}

/** Looks at a record again and again, and how long it has not changed. Clocks of different machines are not compared. */
class RecordWatch {
  readonly #clock: Clock;
  readonly #leaseMs: number;
  #tag: string | undefined;
  #sinceMs = 0;

  constructor(clock: Clock, leaseMs: number) {
    this.#clock = clock;
    this.#leaseMs = leaseMs;
  }

  /** @returns "away" when a store that answered before does not; whoever holds the record cannot renew it either, or
   * the record has changed when it is seen again
   * @throws when the store never answered, or refuses us */
  async look(store: ObjectStore): Promise<SeenRecord | "away" | undefined> {
    try {
      const seen = await readHeadRecord(store);
      if (seen !== undefined && seen.tag !== this.#tag) this.#sinceMs = this.#clock.nowMs();
      this.#tag = seen?.tag;
      return seen;
    } catch (error) {
      if (this.#tag === undefined || error instanceof UserError) throw error;
      return "away";
    }
  }

  isHeld(seen: SeenRecord | undefined): boolean {
    return seen !== undefined && !seen.record.isReleased &&
      this.#clock.nowMs() - this.#sinceMs < this.#leaseMs;
  }
}

function bytesOf(record: HeadRecord): Uint8Array {
  return TEXT.encoder.encode(JSON.stringify(record));
}
