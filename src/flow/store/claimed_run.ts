import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ArtifactContent } from "../artifact_content.ts";
import type { Run } from "../states.ts";
import type { BatchWriter } from "./batch_writer.ts";
import type { FullLimit, Limits } from "./limits.ts";
import type { RunLock } from "./run_locks.ts";
import type { LogLevel } from "./run_records.ts";
import type { NewTaskRun, RunWriter } from "./run_writer.ts";

/** What a stored note of a flow run is about. */
export interface TaskIdentity {
  /** Of the task run. */
  readonly seq: number;
  /** Undefined for a task whose results are not kept. */
  readonly cacheKey: string | undefined;
}

/** A flow run that this process, and no other, may execute until it releases it. Whatever is stored is stored in the
 * order of the calls; a promise resolves once it is committed. */
export interface ClaimedRun {
  /** Running, in a new execution. */
  readonly run: Run;
  /** Whether it had been executed before. */
  readonly isResumed: boolean;
  /** The lowest free number for task runs. */
  readonly nextTaskSeq: number;
  /** Stores a new task run, pending. */
  createTaskRun(task: NewTaskRun, nowMs: number): void;
  /** Stores that a task run went from one state to another. */
  moveTaskRun(seq: number, from: Run, to: Run, reason: string, nowMs: number): Promise<void>;
  /** Stores that an attempt begins, where the limits of its tags have room; the limit that has none, else. */
  tryStartTaskRun(
    task: { readonly seq: number; readonly tags: readonly string[] },
    from: Run,
    to: Run,
    reason: string,
    nowMs: number,
  ): FullLimit | undefined;
  /** Stores that the flow run went from one state to another. */
  moveFlowRun(from: Run, to: Run, reason: string, nowMs: number): Promise<void>;
  /** Stores the id that a task run's attempt has on the cluster. */
  noteClusterTask(seq: number, clusterTask: string): void;
  /** Stores a line of the log. */
  writeLog(
    task: Pick<TaskIdentity, "seq"> | undefined,
    level: LogLevel,
    message: string,
    nowMs: number,
  ): void;
  /** Stores an artifact. */
  putArtifact(
    task: TaskIdentity | undefined,
    name: string,
    content: ArtifactContent,
    nowMs: number,
  ): void;
  /** Lets other processes have the run. */
  release(): void;
}

/** What a claimed run writes with. */
export interface OwnedRunParts {
  /** Its row. */
  readonly id: number;
  readonly run: Run;
  readonly isResumed: boolean;
  readonly database: DatabaseSync;
  readonly writer: BatchWriter;
  readonly rows: RunWriter;
  readonly limits: Limits;
  readonly lock: RunLock;
}

/** Lines of the log of one execution of a run. */
const MAX_LOG_LINES = 100_000;

/** A flow run of a store that this process has the lock of. */
export class OwnedRun implements ClaimedRun {
  readonly run: Run;
  readonly isResumed: boolean;
  readonly nextTaskSeq: number;
  readonly #id: number;
  readonly #writer: BatchWriter;
  readonly #rows: RunWriter;
  readonly #limits: Limits;
  readonly #lock: RunLock;
  readonly #updateClusterTask: StatementSync;
  #logLines = 0;

  constructor({ id, run, isResumed, database, writer, rows, limits, lock }: OwnedRunParts) {
    this.run = run;
    this.isResumed = isResumed;
    const { last } = database.prepare(
      "SELECT coalesce(max(seq), 0) AS last FROM task_runs WHERE flow_run = ?",
    ).get(id) as { last: number };
    this.nextTaskSeq = last + 1;
    this.#id = id;
    this.#writer = writer;
    this.#rows = rows;
    this.#limits = limits;
    this.#lock = lock;
    this.#updateClusterTask = database.prepare(
      "UPDATE task_runs SET cluster_task = ? WHERE flow_run = ? AND seq = ?",
    );
  }

  createTaskRun(task: NewTaskRun, nowMs: number): void {
    this.#writer.write(() => this.#rows.createTaskRun(this.#id, this.run.attempt, task, nowMs));
  }

  moveTaskRun(seq: number, from: Run, to: Run, reason: string, nowMs: number): Promise<void> {
    return this.#writer.write(() => this.#rows.moveTaskRun(this.#id, seq, from, to, reason, nowMs));
  }

  tryStartTaskRun(
    { seq, tags }: { readonly seq: number; readonly tags: readonly string[] },
    from: Run,
    to: Run,
    reason: string,
    nowMs: number,
  ): FullLimit | undefined {
    // What is queued comes first: it makes the row that is changed here.
    this.#writer.flush();
    return this.#writer.transact(() => {
      const full = this.#limits.admitTask(tags, nowMs);
      if (full === undefined) this.#rows.moveTaskRun(this.#id, seq, from, to, reason, nowMs);
      return full;
    });
  }

  moveFlowRun(from: Run, to: Run, reason: string, nowMs: number): Promise<void> {
    return this.#writer.write(() => this.#rows.moveFlowRun(this.#id, from, to, reason, nowMs));
  }

  noteClusterTask(seq: number, clusterTask: string): void {
    this.#writer.write(() => this.#updateClusterTask.run(clusterTask, this.#id, seq));
  }

  writeLog(
    task: Pick<TaskIdentity, "seq"> | undefined,
    level: LogLevel,
    message: string,
    nowMs: number,
  ): void {
    if (++this.#logLines > MAX_LOG_LINES) return;
    const isLast = this.#logLines === MAX_LOG_LINES;
    this.#writer.write(() => {
      this.#rows.writeLog(this.#id, task?.seq ?? null, level, message, nowMs);
      if (!isLast) return;
      const note = `What follows is not kept: this execution has written ${MAX_LOG_LINES} lines`;
      this.#rows.writeLog(this.#id, null, "warning", note, nowMs);
    });
  }

  putArtifact(
    task: TaskIdentity | undefined,
    name: string,
    content: ArtifactContent,
    nowMs: number,
  ): void {
    const json = JSON.stringify(content);
    this.#writer.write(() =>
      this.#rows.putArtifact(this.#id, task?.seq ?? 0, task?.cacheKey, name, json, nowMs)
    );
  }

  release(): void {
    this.#writer.transact(() => this.#lock.remove());
  }
}
