import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type Run, type RunState, transition } from "../states.ts";

/** A task run at its making. */
export interface NewTaskRun {
  readonly seq: number;
  readonly taskName: string;
  /** A summary for people. */
  readonly arguments: string;
  /** Task runs whose results it is given. */
  readonly needs: readonly number[];
  readonly cacheKey: string | undefined;
  /** Names of limits. */
  readonly tags: readonly string[];
}

/** Changes of state as rows: the run's, and the story's. To be called inside of a transaction. */
export class RunWriter {
  readonly #database: DatabaseSync;
  readonly #insertTask: StatementSync;
  readonly #updateTask: StatementSync;
  readonly #updateFlow: StatementSync;
  readonly #insertTransition: StatementSync;
  readonly #insertLog: StatementSync;
  readonly #putArtifact: StatementSync;
  readonly #queueDeliveries: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#insertTask = database.prepare(
      "INSERT INTO task_runs (flow_run, seq, execution, task_name, arguments, needs, cache_key, tags, state, " +
        "reason, attempt, created_at_ms, updated_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'Pending', '', 0, ?9, ?9)",
    );
    this.#updateTask = database.prepare(
      "UPDATE task_runs SET state = ?1, reason = ?2, attempt = ?3, updated_at_ms = ?4, " +
        "started_at_ms = CASE WHEN ?1 = 'Running' THEN coalesce(started_at_ms, ?4) ELSE started_at_ms END " +
        "WHERE flow_run = ?5 AND seq = ?6",
    );
    this.#updateFlow = database.prepare(
      "UPDATE flow_runs SET state = ?1, reason = ?2, execution = ?3, updated_at_ms = ?4, " +
        "started_at_ms = CASE WHEN ?1 = 'Running' THEN coalesce(started_at_ms, ?4) ELSE started_at_ms END " +
        "WHERE id = ?5",
    );
    this.#insertTransition = database.prepare(
      "INSERT INTO transitions (flow_run, n, task_seq, at_ms, from_state, to_state, reason) VALUES (?1, " +
        "(SELECT coalesce(max(n), 0) + 1 FROM transitions WHERE flow_run = ?1), ?2, ?3, ?4, ?5, ?6)",
    );
    this.#insertLog = database.prepare(
      "INSERT INTO logs (flow_run, n, task_seq, at_ms, level, message) VALUES (?1, " +
        "(SELECT coalesce(max(n), 0) + 1 FROM logs WHERE flow_run = ?1), ?2, ?3, ?4, ?5)",
    );
    this.#putArtifact = database.prepare(
      "INSERT INTO artifacts (flow_run, task_seq, name, cache_key, content, updated_at_ms) " +
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (flow_run, task_seq, name) DO UPDATE SET " +
        "content = excluded.content, updated_at_ms = excluded.updated_at_ms",
    );
    this.#queueDeliveries = database.prepare(
      "INSERT INTO deliveries (notification, body, attempts, next_at_ms) SELECT w.name, json_object(" +
        "'type', 'flow-run-state', 'run_id', run_id, 'parent_run_id', parent_run_id, 'flow', flow_name, " +
        "'deployment', deployment, 'from', ?2, 'to', ?3, 'reason', ?4, 'at_ms', ?5), 0, ?5 " +
        "FROM notifications w, flow_runs f WHERE f.id = ?1 AND instr(states, ',' || ?3 || ',')",
    );
  }

  /** A task run was made, or, with a null, a flow run. */
  noteMaking(id: number, seq: number | null, reason: string, nowMs: number): void {
    this.#insertTransition.run(id, seq, nowMs, null, "Pending", reason);
  }

  /** Makes a task run, pending. */
  createTaskRun(id: number, execution: number, task: NewTaskRun, nowMs: number): void {
    const { seq, taskName, needs, tags, cacheKey = null } = task;
    this.#insertTask.run(
      id,
      seq,
      execution,
      taskName,
      task.arguments,
      needs.join(),
      cacheKey,
      tags.length === 0 ? "" : `,${tags.join()},`,
      nowMs,
    );
    this.noteMaking(id, seq, "", nowMs);
  }

  /** A task run went from one state to another. */
  moveTaskRun(id: number, seq: number, from: Run, to: Run, reason: string, nowMs: number): void {
    this.#insertTransition.run(id, seq, nowMs, from.state, to.state, reason);
    this.#updateTask.run(to.state, reason, to.attempt, nowMs, id, seq);
  }

  /** A flow run went from one state to another. */
  moveFlowRun(id: number, from: Run, to: Run, reason: string, nowMs: number): void {
    this.#insertTransition.run(id, null, nowMs, from.state, to.state, reason);
    this.#updateFlow.run(to.state, reason, to.attempt, nowMs, id);
    this.#queueDeliveries.run(id, from.state, to.state, reason, nowMs);
  }

  /** Has every task run of a flow run that did not end become Crashed. */
  crashTaskRuns(id: number, reason: string, nowMs: number): void {
    const open = this.#database.prepare(
      "SELECT seq, state, attempt FROM task_runs WHERE flow_run = ? " +
        "AND state IN ('Scheduled', 'Pending', 'Running', 'Retrying', 'Paused', 'Cancelling')",
    ).all(id) as { seq: number; state: RunState; attempt: number }[];
    for (const { seq, state, attempt } of open) {
      const run: Run = { kind: "task", state, attempt };
      this.moveTaskRun(id, seq, run, transition(run, { type: "Crashed", reason }), reason, nowMs);
    }
  }

  /** Adds a line to a flow run's log. */
  writeLog(id: number, seq: number | null, level: string, message: string, nowMs: number): void {
    this.#insertLog.run(id, seq, nowMs, level, message);
  }

  /** Keeps an artifact; one of its name in the same task run is replaced.
   * @param seq 0: of the flow's own function */
  putArtifact(
    id: number,
    seq: number,
    cacheKey: string | undefined,
    name: string,
    content: string,
    nowMs: number,
  ): void {
    this.#putArtifact.run(id, seq, name, cacheKey ?? null, content, nowMs);
  }
}
