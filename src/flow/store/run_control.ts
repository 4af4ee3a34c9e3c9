import type { DatabaseSync } from "node:sqlite";
import { UserError } from "../../base/errors.ts";
import type { BatchWriter } from "./batch_writer.ts";
import type { ChangeWatch } from "./change_watch.ts";
import type { ApprovalRecord } from "./run_records.ts";

/** What somebody asks of the process that executes a run. */
export interface RunRequest {
  readonly type: "cancel" | "pause" | "resume";
  /** Who or why, for people. */
  readonly reason: string;
}

/** What other processes, or other parts of this one, want of runs: requests, and answers to questions. */
export class RunControl {
  readonly #database: DatabaseSync;
  readonly #writer: BatchWriter;
  readonly #watch: ChangeWatch;

  /** All of one store. */
  constructor(database: DatabaseSync, writer: BatchWriter, watch: ChangeWatch) {
    this.#database = database;
    this.#writer = writer;
    this.#watch = watch;
  }

  /** Leaves a request for whoever executes the run. */
  request(runId: string, { type, reason }: RunRequest): void {
    this.#writer.transact(() =>
      this.#database.prepare("INSERT INTO run_requests (run_id, type, reason) VALUES (?, ?, ?)")
        .run(runId, type, reason)
    );
    this.#watch.wake();
  }

  /** Hands over the requests for a run, those that come later, too, each once; what was asked before is dropped.
   * @returns stops it */
  listen(runId: string, handle: (request: RunRequest) => void): () => void {
    this.#take(runId);
    return this.#watch.onChange(() => this.#take(runId).forEach(handle));
  }

  /** Asks a question, once; asked again it is what was asked and answered. */
  ask(runId: string, name: string, prompt: string, nowMs: number): ApprovalRecord {
    return this.#writer.transact(() => {
      this.#database.prepare(
        "INSERT INTO approvals (run_id, name, prompt, asked_at_ms, note) VALUES (?, ?, ?, ?, '') " +
          "ON CONFLICT DO NOTHING",
      ).run(runId, name, prompt, nowMs);
      return this.#findApproval(runId, name)!;
    });
  }

  /** Answers a question that was asked.
   * @throws {UserError} when nothing was asked, or it is answered already */
  decide(
    runId: string,
    name: string,
    decision: "approved" | "rejected",
    note: string,
    nowMs: number,
  ): void {
    this.#writer.transact(() => {
      const asked = this.#findApproval(runId, name);
      if (asked === undefined) {
        throw new UserError(
          "run/not-asked",
          `Cannot answer ${name} of run ${runId}: it was not asked`,
        );
      }
      if (asked.decision !== null) {
        throw new UserError(
          "run/not-asked",
          `Cannot answer ${name} of run ${runId}: it is ${asked.decision}`,
        );
      }
      this.#database.prepare(
        "UPDATE approvals SET decision = ?, note = ?, decided_at_ms = ? WHERE run_id = ? AND name = ?",
      ).run(decision, note, nowMs, runId, name);
    });
    this.#watch.wake();
  }

  #findApproval(runId: string, name: string): ApprovalRecord | undefined {
    return this.#database.prepare(
      "SELECT name, prompt, asked_at_ms AS askedAtMs, decision, note, decided_at_ms AS decidedAtMs " +
        "FROM approvals WHERE run_id = ? AND name = ?",
    ).get(runId, name) as ApprovalRecord | undefined;
  }

  #take(runId: string): RunRequest[] {
    const select = "SELECT type, reason FROM run_requests WHERE run_id = ? ORDER BY id";
    if (this.#database.prepare(select).get(runId) === undefined) return [];
    return this.#writer.transact(() => {
      const requests = this.#database.prepare(select).all(runId) as unknown as RunRequest[];
      this.#database.prepare("DELETE FROM run_requests WHERE run_id = ?").run(runId);
      return requests;
    });
  }
}
