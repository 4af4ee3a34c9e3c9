import { dirname, resolve } from "@std/path";
import { Notifications } from "../notify/notifications.ts";
import { BatchWriter } from "./batch_writer.ts";
import { ChangeWatch } from "./change_watch.ts";
import { Deployments } from "./deployments.ts";
import { openFlowDatabase } from "./flow_database.ts";
import { Limits } from "./limits.ts";
import { ResultCache } from "./result_cache.ts";
import { RunControl } from "./run_control.ts";
import { RunLocks } from "./run_locks.ts";
import type { FlowRunRecord } from "./run_records.ts";
import { RunRegistry } from "./run_registry.ts";
import { RunViews } from "./run_views.ts";
import { type ResultStorage, SharedResults } from "./shared_results.ts";
import { StagedResults } from "./staged_results.ts";

/** What to know at opening. */
export interface FlowStoreOptions {
  /** Above it the oldest results are forgotten at opening; default 8 GiB. */
  readonly maxCacheBytes?: number;
  /** Where results are also kept and looked for, so that several machines share them; default: nowhere. */
  readonly sharedResults?: ResultStorage;
}

const DEFAULT_MAX_CACHE_BYTES = 8 * 2 ** 30;

/** Where flow runs, their states and the results of their tasks live: a SQLite file, with the results over 1 MiB and
 * the locks of running flows in folders beside it. Several processes may have it open at once. */
export class FlowStore implements Disposable {
  /** Of the SQLite file. */
  readonly path: string;
  /** The absolute folder that it lies in. Paths within it count in cache keys and results from there on, so that it can
   * be moved with all that is in it. */
  readonly folder: string;
  /** What ran, and how it went. */
  readonly runs: RunViews;
  /** What may run at a time, by tag and by flow. */
  readonly limits: Limits;
  /** Flows with their arguments and schedules.
   * @internal */
  readonly deployments: Deployments;
  /** Who is told of changes of state.
   * @internal */
  readonly notifications: Notifications;
  /** Requests for those who execute runs, and answers to what runs ask.
   * @internal */
  readonly control: RunControl;
  /** Who executes what.
   * @internal */
  readonly registry: RunRegistry;
  /** By cache key.
   * @internal */
  readonly results: ResultCache;
  /** Of open transactions.
   * @internal */
  readonly staged: StagedResults;
  /** By cache key, also of other machines; undefined where nothing is shared.
   * @internal */
  readonly shared: SharedResults | undefined;
  readonly #watch: ChangeWatch;
  readonly #flush: () => void;
  readonly #close: () => void;

  /** @param path of the SQLite file
   * @throws {UserError} see {@linkcode openFlowStore}
   * @internal */
  constructor(path: string, options: FlowStoreOptions = {}) {
    const database = openFlowDatabase(path);
    const writer = new BatchWriter(database);
    this.path = path;
    this.folder = dirname(resolve(path));
    this.runs = new RunViews(database);
    const locks = new RunLocks(`${path}.locks`);
    this.#watch = new ChangeWatch(database);
    this.limits = new Limits(database, writer, locks, this.#watch);
    this.deployments = new Deployments(database, writer, this.#watch);
    this.notifications = new Notifications(database, writer);
    this.control = new RunControl(database, writer, this.#watch);
    this.registry = new RunRegistry(database, writer, locks, this.limits);
    this.results = new ResultCache(database, writer, `${path}.results`);
    this.staged = new StagedResults(database, writer);
    const { sharedResults } = options;
    this.shared = sharedResults && new SharedResults(sharedResults);
    this.#flush = () => writer.flush();
    this.#close = () => database.close();
    this.results.prune(options.maxCacheBytes ?? DEFAULT_MAX_CACHE_BYTES);
  }

  /** Calls `listener` when what is stored may have changed: by another process, or since something ended in this one.
   * @returns takes it away
   * @internal */
  onChange(listener: () => void): () => void {
    return this.#watch.onChange(listener);
  }

  /** Tells those who wait for room that there may be some.
   * @internal */
  noteEnd(): void {
    this.#watch.wake();
  }

  /** Commits what is queued, now: what is read afterwards has it.
   * @internal */
  flush(): void {
    this.#flush();
  }

  /** Writes what is queued and closes the file. */
  [Symbol.dispose](): void {
    this.#flush();
    this.#close();
  }
}

/** Opens a flow store, made when there is none; close it with `using`.
 * @param path of its SQLite file, for instance `artifacts/flow.sqlite`
 * @throws {UserError} when the file is no flow store, or one of another schema version */
export function openFlowStore(path: string, options: FlowStoreOptions = {}): FlowStore {
  return new FlowStore(path, options);
}

/** The run of a flow that was made last, or undefined when there is none.
 * @param options.unfinished look only among those that did not complete: what a resume goes on with */
export function latestRun(
  store: FlowStore,
  flowName: string,
  options: { unfinished?: boolean } = {},
): FlowRunRecord | undefined {
  return store.runs.latest(flowName, options);
}
