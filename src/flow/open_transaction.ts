import type { FlowRun } from "./flow_run.ts";
import { LiveWork } from "./live_work.ts";
import { rollBack } from "./roll_back.ts";
import { shareResult } from "./share_results.ts";
import type { TaskDefinition } from "./task_definition.ts";
import type { CachedResult } from "./store/result_cache.ts";

interface Entry {
  /** Numbers the results of a transaction and of those inside of it. */
  readonly order: number;
  readonly taskSeq: number;
  readonly taskName: string;
  readonly module: string;
  readonly hasHook: boolean;
  readonly key: string;
  readonly result: CachedResult;
}

/** A transaction under way: the results that only it sees. */
export class OpenTransaction extends LiveWork {
  readonly name: string;
  readonly #flowRun: FlowRun;
  readonly #parent: OpenTransaction | undefined;
  #entries: Entry[] = [];
  #count = 0;

  /** @param parent the transaction that it is a part of: what is committed here is committed with that one */
  constructor(name: string, flowRun: FlowRun, parent: OpenTransaction | undefined) {
    super();
    this.name = name;
    this.#flowRun = flowRun;
    this.#parent = parent;
  }

  /** A result that it, or one around it, holds. */
  find(key: string): CachedResult | undefined {
    const entry = this.#entries.findLast((held) => held.key === key);
    return entry === undefined ? this.#parent?.find(key) : entry.result;
  }

  /** Holds a result; it is stored together with the state that its task run goes to in the same turn. */
  stage<R>(task: TaskDefinition<R>, taskSeq: number, key: string, result: CachedResult): void {
    const entry: Entry = {
      order: this.#nextOrder(),
      taskSeq,
      taskName: task.name,
      module: task.cachedModule!,
      hasHook: task.hasRollback,
      key,
      result,
    };
    this.#entries.push(entry);
    this.#flowRun.store.staged.stage(this.#flowRun.runId, {
      ...entry,
      transaction: this.name,
      bytes: result.bytes,
    });
  }

  /** Makes all results visible, in one transaction of the store; inside of another one they become that one's. */
  async commit(): Promise<void> {
    if (this.#parent !== undefined) {
      this.#parent.#entries.push(...this.#entries);
      return;
    }
    const { store, runId, clock } = this.#flowRun;
    const nowMs = clock.nowMs();
    const storeResults = await Promise.all(
      this.#entries.map(({ key, taskName, result }) =>
        store.results.prepare(key, taskName, result, nowMs)
      ),
    );
    for (const storeResult of storeResults) storeResult();
    await store.staged.forget(runId, this.#entries.map(({ taskSeq }) => taskSeq));
    // Not before: others must not see what could still be rolled back.
    await Promise.all(
      this.#entries.map(({ taskSeq, key, result }) =>
        shareResult(this.#flowRun, taskSeq, key, { ...result, createdAtMs: nowMs })
      ),
    );
  }

  /** Undoes what its tasks did, the last first.
   * @throws {Error} when a hook failed */
  async rollBack(): Promise<void> {
    const staged = this.#entries
      .toSorted((a, b) => b.order - a.order)
      .map((entry) => ({ ...entry, transaction: this.name, bytes: entry.result.bytes }));
    this.#entries = [];
    await rollBack(this.#flowRun, staged);
  }

  #nextOrder(): number {
    return this.#parent === undefined ? ++this.#count : this.#parent.#nextOrder();
  }
}
