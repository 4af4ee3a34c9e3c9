import { DatabaseSync } from "node:sqlite";
import { decodeValue, encodePlain } from "../../src/base/value_codec.ts";
import type { SchedulerCommand, TaskOutcome, TaskRecord, TaskSpec } from "../scheduler/types.ts";

const SCHEMA_VERSION = 1;

const SCHEMA = `
CREATE TABLE head (epoch INTEGER NOT NULL) STRICT;
INSERT INTO head VALUES (0);
CREATE TABLE tasks (
  task_id TEXT PRIMARY KEY,
  submitted_at_ms REAL NOT NULL,
  spec BLOB NOT NULL,
  ended BLOB
) STRICT;
PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** What is kept of a task that ended. */
interface EndedTask {
  readonly outcome: TaskOutcome;
  readonly failures: number;
  readonly losses: number;
  readonly finishedAtMs: number;
}

/** What the head must not forget, in one SQLite file: the tasks, their outcomes, and how often it was started. */
export class HeadStore implements Disposable {
  /** Rises by one with every start, so that attempts of an earlier start are never taken for ours. */
  readonly epoch: number;
  readonly #database: DatabaseSync;
  readonly #insert;
  readonly #end;
  readonly #forget;

  /** Opens the file, or makes it.
   * @throws {Error} when the file was written by another version */
  constructor(path: string) {
    this.#database = new DatabaseSync(path);
    this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
    const version = this.#database.prepare("PRAGMA user_version").get()?.user_version;
    if (version === 0) this.#database.exec(SCHEMA);
    else if (version !== SCHEMA_VERSION) {
      throw new Error(
        `Cannot open ${path}: its schema has version ${version}, this head knows ${SCHEMA_VERSION}`,
      );
    }
    this.epoch = Number(
      this.#database.prepare("UPDATE head SET epoch = epoch + 1 RETURNING epoch").get()?.epoch,
    );
    this.#insert = this.#database.prepare(
      "INSERT OR REPLACE INTO tasks (task_id, submitted_at_ms, spec, ended) VALUES (?, ?, ?, ?)",
    );
    this.#end = this.#database.prepare("UPDATE tasks SET ended = ? WHERE task_id = ?");
    this.#forget = this.#database.prepare("DELETE FROM tasks WHERE task_id = ?");
  }

  /** Every task that was saved and not forgotten, in the order of submission. */
  load(): TaskRecord[] {
    const rows = this.#database.prepare(
      "SELECT submitted_at_ms, spec, ended FROM tasks ORDER BY rowid",
    ).all();
    return rows.map((row) => {
      const ended = row.ended === null
        ? undefined
        : decodeValue(row.ended as Uint8Array) as EndedTask;
      return {
        spec: decodeValue(row.spec as Uint8Array) as TaskSpec,
        state: ended?.outcome.type ?? "waiting",
        failures: ended?.failures ?? 0,
        losses: ended?.losses ?? 0,
        outcome: ended?.outcome,
        submittedAtMs: Number(row.submitted_at_ms),
        finishedAtMs: ended?.finishedAtMs,
      };
    });
  }

  /** Writes what a batch of commands has to be stored, in their order: all of it, or nothing. */
  commit(commands: readonly SchedulerCommand[]): void {
    if (!commands.some(({ type }) => type === "SaveTask" || type === "ForgetTask")) return;
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      for (const command of commands) {
        if (command.type === "SaveTask") this.#save(command.task);
        else if (command.type === "ForgetTask") this.#forget.run(command.taskId);
      }
      this.#database.exec("COMMIT");
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  #save(task: TaskRecord): void {
    const ended = task.outcome === undefined ? null : encodePlain(
      {
        outcome: task.outcome,
        failures: task.failures,
        losses: task.losses,
        finishedAtMs: task.finishedAtMs ?? task.submittedAtMs,
      } satisfies EndedTask,
    );
    if (ended !== null && this.#end.run(ended, task.spec.taskId).changes === 1) return;
    this.#insert.run(task.spec.taskId, task.submittedAtMs, encodePlain(task.spec), ended);
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close();
  }
}
