import type { DatabaseSync } from "node:sqlite";
import type { BatchWriter } from "./batch_writer.ts";
import type { ChangeWatch } from "./change_watch.ts";
import type { RunLocks } from "./run_locks.ts";

/** What may run at a time, and start in a while, over all processes of a store. */
export interface Limit {
  /** Attempts of tasks with the tag, or runs of the flow, under way; undefined: any number. */
  readonly maxRunning?: number;
  /** Starts within any `perMs` milliseconds, of tasks alone; undefined: any number. */
  readonly starts?: number;
  /** See `starts`. */
  readonly perMs?: number;
}

/** A limit that leaves no room. */
export interface FullLimit {
  /** For people. */
  readonly reason: string;
  /** When there will be room; undefined: when something ends. */
  readonly freeAtMs: number | undefined;
}

interface LimitRow {
  readonly name: string;
  readonly max_running: number | null;
  readonly starts: number | null;
  readonly per_ms: number | null;
}

/** The limits of a store. How much of one is used is counted from the attempts that are running, in processes that
 * live: there is no count that a crash could leave wrong. */
export class Limits {
  readonly #database: DatabaseSync;
  readonly #writer: BatchWriter;
  readonly #locks: RunLocks;
  readonly #watch: ChangeWatch;

  /** All of one store.
   * @internal */
  constructor(database: DatabaseSync, writer: BatchWriter, locks: RunLocks, watch: ChangeWatch) {
    this.#database = database;
    this.#writer = writer;
    this.#locks = locks;
    this.#watch = watch;
  }

  /** Sets a limit, which holds from the next start on.
   * @param name a tag of tasks, or `flow:` and the name of a flow
   * @throws {RangeError} for numbers below 1, and for starts without their time */
  set(name: string, { maxRunning, starts, perMs }: Limit): void {
    for (const value of [maxRunning, starts, perMs]) {
      if (!((value ?? 1) >= 1)) throw new RangeError(`Cannot set the limit ${name} to ${value}`);
    }
    if ((starts === undefined) !== (perMs === undefined)) {
      throw new RangeError(`Cannot set the limit ${name}: give starts and perMs together`);
    }
    this.#writer.transact(() =>
      this.#database.prepare("INSERT OR REPLACE INTO limits VALUES (?, ?, ?, ?)")
        .run(name, maxRunning ?? null, starts ?? null, perMs ?? null)
    );
    this.#watch.wake();
  }

  /** Takes a limit away.
   * @returns false when there is none */
  remove(name: string): boolean {
    const { changes } = this.#writer.transact(() =>
      this.#database.prepare("DELETE FROM limits WHERE name = ?").run(name)
    );
    this.#watch.wake();
    return Number(changes) > 0;
  }

  /** All limits by their name. */
  list(): Map<string, Limit> {
    const rows = this.#database.prepare("SELECT * FROM limits ORDER BY name")
      .all() as unknown as LimitRow[];
    return new Map(rows.map(({ name, max_running, starts, per_ms }) => [name, {
      maxRunning: max_running ?? undefined,
      starts: starts ?? undefined,
      perMs: per_ms ?? undefined,
    }]));
  }

  /** Takes a start of a task into account, when all of its limits have room. Inside of a transaction only.
   * @returns the limit that has none
   * @internal */
  admitTask(tags: readonly string[], nowMs: number): FullLimit | undefined {
    const limits = tags.flatMap((tag) => this.#find(tag) ?? []);
    for (const limit of limits) {
      const full = this.#whereFull(limit, this.#runningTasks(limit.name), nowMs);
      if (full !== undefined) return full;
    }
    for (const { name, per_ms } of limits) {
      if (per_ms === null) continue;
      this.#database.prepare("DELETE FROM limited_starts WHERE name = ? AND at_ms <= ?")
        .run(name, nowMs - per_ms);
      this.#database.prepare("INSERT INTO limited_starts VALUES (?, ?)").run(name, nowMs);
    }
    return undefined;
  }

  /** Whether another run of a flow may begin. Inside of a transaction only.
   * @returns the limit that has no room
   * @internal */
  admitRun(flowName: string, nowMs: number): FullLimit | undefined {
    const limit = this.#find(`flow:${flowName}`);
    if (limit === undefined) return undefined;
    const rows = this.#database.prepare(
      "SELECT run_id AS runId, 1 AS count FROM flow_runs WHERE flow_name = ? " +
        "AND state IN ('Running', 'Retrying', 'Cancelling')",
    ).all(flowName) as { runId: string; count: number }[];
    return this.#whereFull({ ...limit, starts: null }, this.#countLiving(rows), nowMs);
  }

  #find(name: string): LimitRow | undefined {
    return this.#database.prepare("SELECT * FROM limits WHERE name = ?")
      .get(name) as LimitRow | undefined;
  }

  #runningTasks(tag: string): number {
    const rows = this.#database.prepare(
      "SELECT run_id AS runId, count(*) AS count FROM task_runs t JOIN flow_runs f ON f.id = flow_run " +
        "WHERE t.state = 'Running' AND instr(tags, ?) GROUP BY run_id",
    ).all(`,${tag},`) as { runId: string; count: number }[];
    return this.#countLiving(rows);
  }

  /** What a dead process left Running does not run. */
  #countLiving(rows: readonly { readonly runId: string; readonly count: number }[]): number {
    let count = 0;
    for (const row of rows) if (this.#locks.isTaken(row.runId)) count += row.count;
    return count;
  }

  #whereFull(
    { name, max_running, starts, per_ms }: LimitRow,
    running: number,
    nowMs: number,
  ): FullLimit | undefined {
    if (max_running !== null && running >= max_running) {
      const reason = `waits for a place under the limit ${name}: ${running} of ${max_running} run`;
      return { reason, freeAtMs: undefined };
    }
    if (starts === null || per_ms === null) return undefined;
    const row = this.#database.prepare(
      "SELECT at_ms FROM limited_starts WHERE name = ? AND at_ms > ? ORDER BY at_ms DESC LIMIT 1 OFFSET ?",
    ).get(name, nowMs - per_ms, starts - 1) as { at_ms: number } | undefined;
    if (row === undefined) return undefined;
    const reason = `waits for the limit ${name}: ${starts} starts in ${per_ms} ms`;
    return { reason, freeAtMs: row.at_ms + per_ms };
  }
}
