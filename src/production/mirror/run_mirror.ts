import { UserError } from "../../base/errors.ts";
import { sha256Hex } from "../../base/hash.ts";
import { newId } from "../../base/ids.ts";
import type { FlowStore } from "../../flow/mod.ts";
import type { ObjectStore } from "../../lakehouse/store/object_store.ts";
import type { RunFolder } from "../run_folder.ts";
import { type FileState, listFiles, readTail } from "./local_files.ts";
import { packResults } from "./result_packs.ts";
import { indexKey, objectKey, readIndex, type RunIndex } from "./run_index.ts";
import type { RunInputs } from "./run_inputs.ts";

/** What a mirror copies from and to. */
export interface MirrorParts {
  readonly remote: ObjectStore;
  readonly run: RunFolder;
  readonly store: FlowStore;
  /** Gives what the run rests on; asked once, when it is not in the remote yet. */
  readonly readInputs: (put: (bytes: Uint8Array) => Promise<string>) => Promise<RunInputs>;
}

/** Two processes mirror the same run: the one that began later goes on. */
export class MirrorTakenError extends UserError {}

/** Copies a run into a remote: the files of its folder, the results of its tasks, and what it rests on. Objects go first,
 * then the index is swapped for one that names them: a reader sees the run as it was at one sync, and of two writers one
 * wins. What could not be sent is sent by a later sync. */
export class RunMirror {
  readonly #parts: MirrorParts;
  readonly #writer = newId("mirror");
  /** Undefined: not known, to be asked for. */
  #remote: { readonly index: RunIndex; readonly tag: string | null } | undefined;
  /** Files as they were when they were sent. */
  readonly #sent = new Map<string, FileState>();
  readonly #known = new Set<string>();
  #isTaken = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: MirrorParts) {
    this.#parts = parts;
  }

  /** Sends what is new.
   * @returns whether anything was
   * @throws {MirrorTakenError} when another process has taken the mirror over
   * @throws {Error} when the remote cannot be reached; a later sync sends what is missing */
  sync(): Promise<boolean> {
    const turn = this.#turn.then(() => this.#sync());
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #sync(): Promise<boolean> {
    const { run, remote } = this.#parts;
    if (this.#isTaken) throw this.#taken();
    const { index, tag } = this.#remote ??= await this.#open();
    const { files, sent } = await this.#sendFiles(index.files);
    const results = await this.#sendResults(index);
    const inputs = index.inputs.prices === null
      ? await this.#parts.readInputs((bytes) => this.#put(bytes))
      : index.inputs;
    const isNew = sent.size > 0 || results.length > index.results.length ||
      inputs !== index.inputs;
    if (!isNew && tag !== null) return false;
    const next = { ...index, writer: this.#writer, files, results, inputs };
    const bytes = new TextEncoder().encode(JSON.stringify(next));
    // What is thrown here may have had its effect all the same: then the next sync asks what is there.
    this.#remote = undefined;
    const newTag = await remote.swap(indexKey(run.runId), bytes, tag);
    if (newTag === undefined) return await this.#lost();
    this.#remote = { index: next, tag: newTag };
    for (const [path, state] of sent) this.#sent.set(path, state);
    return true;
  }

  async #open() {
    const { remote, run } = this.#parts;
    const found = await readIndex(remote, run.runId);
    if (found !== undefined) {
      for (const { parts } of Object.values(found.index.files)) {
        for (const part of parts) this.#known.add(part);
      }
      return found;
    }
    const inputs = { prices: null, tradedValues: null };
    const index: RunIndex = {
      version: 1,
      runId: run.runId,
      writer: this.#writer,
      files: {},
      results: [],
      inputs,
    };
    return { index, tag: null };
  }

  /** Somebody else has swapped the index: a process that goes on with the run elsewhere, or an answer of ours was lost. */
  async #lost(): Promise<boolean> {
    const { remote, run } = this.#parts;
    const found = await readIndex(remote, run.runId);
    if (found?.index.writer === this.#writer) {
      this.#remote = found;
      return true;
    }
    this.#isTaken = true;
    throw this.#taken();
  }

  #taken(): MirrorTakenError {
    const { remote, run } = this.#parts;
    return new MirrorTakenError(
      "mirror/taken",
      `Cannot mirror run ${run.runId} to ${remote.url}: another process goes on with it`,
      { hint: "One of the two should end; what this one does stays on this machine." },
    );
  }

  async #sendFiles(known: RunIndex["files"]) {
    const files: Record<string, RunIndex["files"][string]> = {};
    const sent = new Map<string, FileState>();
    for (const file of await listFiles(this.#parts.run.path)) {
      const { path, state } = file;
      const before = this.#sent.get(path);
      if (before?.sizeBytes === state.sizeBytes && before.modifiedMs === state.modifiedMs) {
        files[path] = known[path];
        continue;
      }
      // The ledger and logs only grow: what is there already stays, and the rest becomes another part.
      const grown = before !== undefined && state.isAppended && before.sizeBytes <= state.sizeBytes
        ? known[path]
        : undefined;
      const bytes = await readTail(`${this.#parts.run.path}/${path}`, grown?.sizeBytes ?? 0);
      // Gone again, or replaced by a shorter one meanwhile: the next sync sees.
      if (bytes === undefined) continue;
      const parts = bytes.length === 0 ? [] : [await this.#put(bytes)];
      files[path] = {
        parts: [...grown?.parts ?? [], ...parts],
        sizeBytes: (grown?.sizeBytes ?? 0) + bytes.length,
      };
      sent.set(path, { ...state, sizeBytes: files[path].sizeBytes });
    }
    return { files, sent };
  }

  async #sendResults({ results }: RunIndex): Promise<RunIndex["results"]> {
    const { store, run } = this.#parts;
    const sent = new Set(results.flatMap(({ keys }) => keys));
    const packed = [...results];
    for (const { keys, bytes } of packResults(store, run.runId, sent)) {
      packed.push({ pack: await this.#put(bytes), keys });
    }
    return packed;
  }

  /** Puts an object that no name says twice. */
  async #put(bytes: Uint8Array): Promise<string> {
    const sha256 = sha256Hex(bytes);
    if (this.#known.has(sha256)) return sha256;
    await this.#parts.remote.put(objectKey(sha256), bytes, sha256);
    this.#known.add(sha256);
    return sha256;
  }
}
