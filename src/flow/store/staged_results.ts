import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { BatchWriter } from "./batch_writer.ts";

/** A result of a transaction that has not been committed: nobody but the transaction sees it. */
export interface StagedResult {
  /** Of its task run. */
  readonly taskSeq: number;
  /** For people. */
  readonly transaction: string;
  readonly taskName: string;
  /** URL of the module that defines the task. */
  readonly module: string;
  /** Whether something has to be called when it is rolled back. */
  readonly hasHook: boolean;
  readonly bytes: Uint8Array;
}

interface StagedRow {
  readonly task_seq: number;
  readonly transaction_name: string;
  readonly task_name: string;
  readonly module: string;
  readonly has_hook: number;
  readonly bytes: Uint8Array;
}

/** What open transactions hold: what is there when a run begins was left by a crash. */
export class StagedResults {
  readonly #writer: BatchWriter;
  readonly #insert: StatementSync;
  readonly #delete: StatementSync;
  readonly #list: StatementSync;

  constructor(database: DatabaseSync, writer: BatchWriter) {
    this.#writer = writer;
    this.#insert = database.prepare(
      "INSERT INTO staged_results (run_id, task_seq, transaction_name, task_name, module, has_hook, bytes) " +
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
    );
    this.#delete = database.prepare("DELETE FROM staged_results WHERE run_id = ? AND task_seq = ?");
    this.#list = database.prepare("SELECT * FROM staged_results WHERE run_id = ? ORDER BY id DESC");
  }

  /** Queues a result for the writer's next transaction, which also stores that its task run has completed. */
  stage(runId: string, result: StagedResult): void {
    const { taskSeq, transaction, taskName, module, hasHook, bytes } = result;
    this.#writer.write(() => {
      this.#insert.run(runId, taskSeq, transaction, taskName, module, Number(hasHook), bytes);
    });
  }

  /** What a run has staged, the last first. */
  list(runId: string): StagedResult[] {
    const rows = this.#list.all(runId) as unknown as StagedRow[];
    return rows.map((row) => ({
      taskSeq: row.task_seq,
      transaction: row.transaction_name,
      taskName: row.task_name,
      module: row.module,
      hasHook: row.has_hook === 1,
      bytes: row.bytes,
    }));
  }

  /** They are committed, or rolled back; resolves once that is stored. */
  forget(runId: string, taskSeqs: readonly number[]): Promise<void> {
    return this.#writer.write(() => {
      for (const taskSeq of taskSeqs) this.#delete.run(runId, taskSeq);
    });
  }
}
