import { systemClock } from "../base/clock.ts";
import { errorMessage, UserError } from "../base/errors.ts";
import { type FlowStore, openFlowStore } from "../flow/mod.ts";
import type { PriceSource } from "../lakehouse/prices/price_source.ts";
import { anchorLedger } from "../ledger/mod.ts";
import type { ProductionConfig, StorageConfig } from "../manifest/config.ts";
import { MirrorLoop } from "../production/mirror/mirror_loop.ts";
import {
  claimMirror,
  forgetPending,
  listPending,
  notePending,
  type PendingMirror,
} from "../production/mirror/pending_mirrors.ts";
import { restoreRun } from "../production/mirror/restore_run.ts";
import { inputsOfRun } from "../production/mirror/inputs_of_run.ts";
import { RunMirror } from "../production/mirror/run_mirror.ts";
import { sendInputs } from "../production/mirror/run_inputs.ts";
import { type OutputFolders, RunFolder } from "../production/run_folder.ts";
import { withS3Anchor } from "./audit_anchor.ts";
import { type OpenRemote, openRemote } from "./open_remote.ts";

/** Earlier runs that a later one sends at its end. */
const MAX_SENT_LATER = 20;

/** A run that goes on while it is mirrored. */
export interface MirroredRun {
  readonly config: ProductionConfig;
  readonly folders: OutputFolders;
  readonly run: RunFolder;
  readonly source: PriceSource;
  /** The symbols that it looks at. */
  readonly candidates: readonly string[];
  /** Whether no remote may be asked for anything. */
  readonly isOffline: boolean;
  readonly onNotice: (message: string) => void;
}

/** Runs `work`, and meanwhile copies the run that it does into the remote of its configuration, if it has one. At the end
 * the head of its ledger is anchored, and runs that could not be sent before are sent. Nothing of this can fail the run:
 * what goes wrong is told, and what was not sent is sent by a later run. */
export async function withMirror<T>(mirrored: MirroredRun, work: () => Promise<T>): Promise<T> {
  const { config: { storage }, folders, run, isOffline, onNotice } = mirrored;
  const { remote } = storage;
  const claim = remote === undefined ? undefined : await claimMirror(folders, run.runId);
  try {
    if (remote !== undefined) await notePending(folders, { runId: run.runId, remote });
    if (isOffline) return await work();
    const loop = remote === undefined || claim === undefined
      ? undefined
      : await MirrorUnderWay.open(mirrored, remote);
    try {
      const result = await work();
      await anchor(run, storage, onNotice);
      return result;
    } finally {
      await loop?.close();
    }
  } finally {
    claim?.release();
  }
}

/** The mirror of a run that goes on. */
class MirrorUnderWay {
  readonly #mirrored: MirroredRun;
  readonly #remote: string;
  readonly #opened: OpenRemote;
  readonly #store: FlowStore;
  readonly #loop: MirrorLoop;

  private constructor(mirrored: MirroredRun, remote: string, opened: OpenRemote) {
    const { config, source, candidates, folders, run, onNotice } = mirrored;
    this.#mirrored = mirrored;
    this.#remote = remote;
    this.#opened = opened;
    this.#store = openFlowStore(folders.flowStore);
    const mirror = new RunMirror({
      remote: opened.store,
      run,
      store: this.#store,
      readInputs: (put) => sendInputs(config, source, candidates, put),
    });
    this.#loop = new MirrorLoop(mirror, onNotice);
  }

  static async open(mirrored: MirroredRun, remote: string): Promise<MirrorUnderWay> {
    await mirrored.run.create();
    return new MirrorUnderWay(mirrored, remote, await openRemote(remote));
  }

  /** Sends what is left, also of earlier runs. */
  async close(): Promise<void> {
    const { folders, run, onNotice } = this.#mirrored;
    const missing = await this.#loop.close();
    this.#store[Symbol.dispose]();
    await this.#opened[Symbol.asyncDispose]();
    if (missing === undefined) {
      forgetPending(folders, run.runId);
      await sendPending(folders, run.runId, onNotice);
    } else {
      onNotice(
        `Run ${run.runId} is not all in ${this.#remote}, a later run sends the rest: ${missing}`,
      );
    }
  }
}

/** Brings a run from a remote, for a resume where it has never been.
 * @throws {UserError} when the remote does not have it */
export async function bringRun(
  remote: string,
  folders: OutputFolders,
  runId: string,
): Promise<RunFolder> {
  await using opened = await openRemote(remote);
  return await restoreRun(opened.store, folders, runId, systemClock.nowMs());
}

/** Sends earlier runs that were not sent: their folders are as their ends left them. */
async function sendPending(
  folders: OutputFolders,
  runId: string,
  onNotice: (message: string) => void,
): Promise<void> {
  const others = listPending(folders).filter((one) => one.runId !== runId);
  for (const pending of others.slice(0, MAX_SENT_LATER)) {
    const claim = await claimMirror(folders, pending.runId);
    // It is going on in another process, which mirrors it.
    if (claim === undefined) continue;
    try {
      await sendOne(folders, pending, onNotice);
      forgetPending(folders, pending.runId);
      onNotice(`Run ${pending.runId} was sent to ${pending.remote}.`);
    } catch (error) {
      onNotice(`Run ${pending.runId} is still to be sent: ${errorMessage(error)}`);
    } finally {
      claim.release();
    }
  }
}

async function sendOne(
  folders: OutputFolders,
  { runId, remote }: PendingMirror,
  onNotice: (message: string) => void,
): Promise<void> {
  const run = new RunFolder(folders, runId);
  using store = openFlowStore(folders.flowStore);
  await using opened = await openRemote(remote);
  const mirror = new RunMirror({
    remote: opened.store,
    run,
    store,
    readInputs: async (put) => {
      // What it rests on may be gone since, and what it came to does not need it.
      const found = await inputsOfRun(
        folders,
        run,
        (reason) => onNotice(`Run ${runId} is sent without its prices: ${reason}`),
      );
      return found === undefined
        ? { prices: null, tradedValues: null }
        : await sendInputs(found.config, found.source, found.candidates, put);
    },
  });
  await mirror.sync();
}

async function anchor(
  run: RunFolder,
  { remote, anchor, anchor_days: retainDays, anchor_mode: mode }: StorageConfig,
  onNotice: (message: string) => void,
): Promise<void> {
  const url = anchor ??
    (remote?.startsWith("s3://") ? `${remote.replace(/\/$/, "")}/anchors` : undefined);
  if (url === undefined) return;
  try {
    await withS3Anchor(
      url,
      (kept) => anchorLedger(run.ledger, kept, systemClock.nowMs()),
      { retainDays, mode: mode === "compliance" ? "COMPLIANCE" : "GOVERNANCE" },
    );
  } catch (error) {
    const hint = error instanceof UserError && error.hint !== undefined ? ` ${error.hint}` : "";
    onNotice(`The ledger of run ${run.runId} is not anchored: ${errorMessage(error)}.${hint}`);
  }
}
