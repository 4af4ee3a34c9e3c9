import { deadline } from "@std/async/deadline";
import { existsSync } from "node:fs";
import type { Head } from "../../../cluster/head/head.ts";
import { restoreState } from "../../../cluster/head/state_stream.ts";
import { errorMessage } from "../../base/errors.ts";
import { openMirrorStore, type OpenStore } from "../provision/mirror_store.ts";
import { HeadLease } from "./head_record.ts";

/** The part of the store that is the head's. */
const PART = "head";
const RELEASE_MS = 5_000;

/** Opens where heads leave their record and their state.
 * @param url `s3://BUCKET/PREFIX`, or an absolute path */
export async function openFailover(url: string): Promise<OpenStore> {
  return await openMirrorStore(url, PART);
}

/** A head's place among those that may take each other's: it waits for its turn, goes on from what the head before has
 * streamed, and streams its own. */
export class Failover implements AsyncDisposable {
  readonly #open: OpenStore;
  readonly #lease: HeadLease;
  readonly #log: (message: string) => void;
  readonly #ending = new AbortController();
  readonly #kept: Promise<string | undefined>;

  private constructor(open: OpenStore, lease: HeadLease, log: (message: string) => void) {
    this.#open = open;
    this.#lease = lease;
    this.#log = log;
    this.#kept = lease.keep(this.#ending.signal);
  }

  /** Waits until no other head is there, and puts the state of the last one into a head's folder.
   * @param stateDir of a head that does not run
   * @param log told what is waited for and what was found */
  static async join(
    url: string,
    stateDir: string,
    log: (message: string) => void,
    signal: AbortSignal,
  ): Promise<Failover> {
    const open = await openFailover(url);
    try {
      const onWait = ({ url, term }: { readonly url: string | null; readonly term: number }) =>
        log(`Stands by: head ${term} ${url === null ? "starts" : `is at ${url}`}.`);
      const lease = await HeadLease.take(open.store, { signal, onWait });
      const failover = new Failover(open, lease, log);
      const state = await lease.inherited();
      if (state !== undefined) {
        log(`Takes over: a snapshot and ${state.changes.length} changes were streamed.`);
        restoreState(`${stateDir}/head.db`, state.snapshot, state.changes);
      } else if (existsSync(`${stateDir}/head.db`)) log("Nothing was streamed: goes on from here.");
      return failover;
    } catch (error) {
      open[Symbol.dispose]();
      throw error;
    }
  }

  /** Streams a head's state, and leads everybody to it once a first snapshot is there.
   * @returns a promise of why the head has to end, as it is not the cluster's any more */
  async lead(head: Head, url: string, stack: AsyncDisposableStack): Promise<string | undefined> {
    const stream = stack.use(head.stream({
      target: this.#lease.state,
      onTrouble: (error) => this.#log(`Cannot stream the head's state: ${errorMessage(error)}`),
    }));
    const begun = stream.begun.then(() => this.#lease.publish(url));
    return await Promise.race([begun.then(() => this.#kept), this.#kept]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    // A store that does not answer keeps no head from ending: the next one then waits for the end of the lease.
    if (await this.#kept === undefined) {
      await deadline(this.#lease.release(), RELEASE_MS).catch(() => {});
    }
    this.#open[Symbol.dispose]();
  }
}
