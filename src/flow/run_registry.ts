import type { DatabaseSync, StatementSync } from "node:sqlite";
import { dirname, join } from "@std/path";
import { UserError } from "../base/errors.ts";
import type { BatchWriter } from "./batch_writer.ts";
import {
  isTerminal,
  pendingRun,
  type Run,
  type RunEvent,
  type RunState,
  transition,
} from "./states.ts";

/** A flow run as it is stored. */
export interface FlowRunRecord {
  /** Unique in its store. */
  readonly runId: string;
  /** Of the flow that it is a run of. */
  readonly flowName: string;
  /** A summary for people. */
  readonly parameters: string;
  /** Where it stands. */
  readonly state: RunState;
  /** How often it was started, the present time included. */
  readonly execution: number;
  /** The process that ran it last. */
  readonly ownerPid: number;
  /** Milliseconds since the Unix epoch. */
  readonly createdAtMs: number;
  /** When its state changed last. */
  readonly updatedAtMs: number;
}

/** A task run as it is stored. */
export interface TaskRunRecord {
  /** Numbers the task runs of a flow run, over all of its executions. */
  readonly seq: number;
  /** The execution of the flow run that it belongs to. */
  readonly execution: number;
  /** Of the task that it is a run of. */
  readonly taskName: string;
  /** A summary for people. */
  readonly arguments: string;
  /** Null for a task whose results are not kept. */
  readonly cacheKey: string | null;
  /** Where it stands. */
  readonly state: RunState;
  /** How many attempts were started. */
  readonly attempt: number;
  /** When its state changed last. */
  readonly updatedAtMs: number;
}

/** A change of state as it is stored. */
export interface TransitionRecord {
  /** Null: of the flow run itself. */
  readonly taskSeq: number | null;
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number;
  /** Null: the run was made. */
  readonly from: RunState | null;
  /** The state since then. */
  readonly to: RunState;
  /** "" where the states say it all. */
  readonly reason: string;
}

/** Who wants to execute which flow run. */
export interface RunClaim {
  readonly runId: string;
  readonly flowName: string;
  readonly parameters: string;
  readonly ownerPid: number;
  readonly nowMs: number;
}

/** A task run at its making. */
export interface NewTaskRun {
  readonly seq: number;
  readonly taskName: string;
  readonly arguments: string;
  readonly cacheKey: string | undefined;
}

/** A flow run that this process, and no other, may execute until it releases it. */
export interface ClaimedRun {
  /** Running, in a new execution. */
  readonly run: Run;
  /** Whether it had been executed before. */
  readonly isResumed: boolean;
  /** The lowest free number for task runs. */
  readonly nextTaskSeq: number;
  /** Stores a new task run, pending. */
  createTaskRun(task: NewTaskRun, nowMs: number): void;
  /** Stores that a task run went from one state to another; resolves once that is committed. */
  moveTaskRun(seq: number, from: Run, to: Run, reason: string, nowMs: number): Promise<void>;
  /** Stores that the flow run went from one state to another; resolves once that is committed. */
  moveFlowRun(from: Run, to: Run, reason: string, nowMs: number): Promise<void>;
  /** Lets other processes have the run. */
  release(): void;
}

interface FlowRunRow {
  readonly id: number;
  readonly flow_name: string;
  readonly state: RunState;
  readonly execution: number;
  readonly owner_pid: number;
}

const FLOW_RUN_COLUMNS = "run_id AS runId, flow_name AS flowName, parameters, state, execution, " +
  "owner_pid AS ownerPid, created_at_ms AS createdAtMs, updated_at_ms AS updatedAtMs";

/** The runs of a store: who executes them, in which state they are, and how they came there. A run belongs to the
 * process that holds the lock of the file named after it: the system lets go of a lock when its process dies,
 * however it dies, and a process id that was given anew cannot mislead. */
export class RunRegistry {
  readonly #database: DatabaseSync;
  readonly #writer: BatchWriter;
  readonly #lockFolder: string;
  readonly #insertTask: StatementSync;
  readonly #updateTask: StatementSync;
  readonly #updateFlow: StatementSync;
  readonly #insertTransition: StatementSync;

  /** @param lockFolder where the locks of runs that are being executed are
   * @internal */
  constructor(database: DatabaseSync, writer: BatchWriter, lockFolder: string) {
    this.#database = database;
    this.#writer = writer;
    this.#lockFolder = lockFolder;
    this.#insertTask = database.prepare(
      "INSERT INTO task_runs (flow_run, seq, execution, task_name, arguments, cache_key, state, attempt, " +
        "updated_at_ms) VALUES (?, ?, ?, ?, ?, ?, 'Pending', 0, ?)",
    );
    this.#updateTask = database.prepare(
      "UPDATE task_runs SET state = ?, attempt = ?, updated_at_ms = ? WHERE flow_run = ? AND seq = ?",
    );
    this.#updateFlow = database.prepare(
      "UPDATE flow_runs SET state = ?, execution = ?, updated_at_ms = ? WHERE id = ?",
    );
    this.#insertTransition = database.prepare(
      "INSERT INTO transitions (flow_run, n, task_seq, at_ms, from_state, to_state, reason) VALUES (?1, " +
        "(SELECT coalesce(max(n), 0) + 1 FROM transitions WHERE flow_run = ?1), ?2, ?3, ?4, ?5, ?6)",
    );
  }

  /** Makes a flow run, or opens one again that was cancelled, failed, or whose process died; in both cases it is
   * Running and ours afterwards. What a dead process left unfinished becomes Crashed first.
   * @throws {UserError} when a living process executes it, when it is completed, or when it is another flow's
   * @internal */
  claim(claim: RunClaim): ClaimedRun {
    // The lock file is opened and removed inside write transactions only: so nobody can lock a file that is
    // just being removed.
    return this.#writer.transact(() => {
      const row = this.#findRow(claim.runId);
      if (row !== undefined) refuseOther(row, claim);
      const lock = this.#lock(claim.runId, row?.owner_pid);
      try {
        const id = row === undefined ? this.#create(claim) : this.#reopen(row, claim);
        return this.#ownedRun(id, claim.runId, row === undefined ? 1 : row.execution + 1, lock);
      } catch (error) {
        lock.close();
        throw error;
      }
    });
  }

  /** The flow run of this id. */
  find(runId: string): FlowRunRecord | undefined {
    return this.#database.prepare(`SELECT ${FLOW_RUN_COLUMNS} FROM flow_runs WHERE run_id = ?`)
      .get(runId) as FlowRunRecord | undefined;
  }

  /** The flow run of this flow that was made last, or the last one that is not Completed. */
  latest(flowName: string, options: { unfinished?: boolean } = {}): FlowRunRecord | undefined {
    const unfinished = options.unfinished ? "AND state <> 'Completed'" : "";
    return this.#database.prepare(
      `SELECT ${FLOW_RUN_COLUMNS} FROM flow_runs WHERE flow_name = ? ${unfinished} ORDER BY id DESC LIMIT 1`,
    ).get(flowName) as FlowRunRecord | undefined;
  }

  /** The task runs of a flow run in the order of their making. */
  taskRuns(runId: string): TaskRunRecord[] {
    return this.#database.prepare(
      "SELECT seq, t.execution, task_name AS taskName, arguments, cache_key AS cacheKey, t.state, attempt, " +
        "t.updated_at_ms AS updatedAtMs FROM task_runs t JOIN flow_runs f ON f.id = flow_run " +
        "WHERE run_id = ? ORDER BY seq",
    ).all(runId) as unknown as TaskRunRecord[];
  }

  /** Every change of state of a flow run and of its task runs, in order. */
  transitions(runId: string): TransitionRecord[] {
    return this.#database.prepare(
      'SELECT task_seq AS taskSeq, at_ms AS atMs, from_state AS "from", to_state AS "to", reason ' +
        "FROM transitions t JOIN flow_runs f ON f.id = flow_run WHERE run_id = ? ORDER BY n",
    ).all(runId) as unknown as TransitionRecord[];
  }

  #findRow(runId: string): FlowRunRow | undefined {
    return this.#database.prepare(
      "SELECT id, flow_name, state, execution, owner_pid FROM flow_runs WHERE run_id = ?",
    ).get(runId) as FlowRunRow | undefined;
  }

  #create(claim: RunClaim): number {
    const { runId, flowName, parameters, ownerPid, nowMs } = claim;
    const id = Number(
      this.#database.prepare(
        "INSERT INTO flow_runs (run_id, flow_name, parameters, state, execution, owner_pid, created_at_ms, " +
          "updated_at_ms) VALUES (?, ?, ?, 'Pending', 0, ?, ?, ?)",
      ).run(runId, flowName, parameters, ownerPid, nowMs, nowMs).lastInsertRowid,
    );
    this.#insertTransition.run(id, null, nowMs, null, "Pending", "made");
    const pending = pendingRun("flow");
    const running = transition(pending, { type: "Started", reason: "" });
    this.#storeFlowMove(id, pending, running, `started by process ${ownerPid}`, nowMs);
    return id;
  }

  #reopen(row: FlowRunRow, claim: RunClaim): number {
    const { parameters, ownerPid, nowMs } = claim;
    let run: Run = { kind: "flow", state: row.state, attempt: row.execution };
    const apply = (event: RunEvent) => {
      const next = transition(run, event);
      this.#storeFlowMove(row.id, run, next, event.reason, nowMs);
      run = next;
    };
    const reason = `process ${row.owner_pid} ended without finishing it`;
    this.#crashTaskRuns(row.id, reason, nowMs);
    if (!isTerminal(run.state)) apply({ type: "Crashed", reason });
    apply({ type: "Reopened", reason: `resumed by process ${ownerPid}` });
    this.#database.prepare("UPDATE flow_runs SET owner_pid = ?, parameters = ? WHERE id = ?")
      .run(ownerPid, parameters, row.id);
    return row.id;
  }

  #crashTaskRuns(id: number, reason: string, nowMs: number): void {
    const open = this.#database.prepare(
      "SELECT seq, state, attempt FROM task_runs WHERE flow_run = ? " +
        "AND state IN ('Scheduled', 'Pending', 'Running', 'Retrying', 'Paused', 'Cancelling')",
    ).all(id) as { seq: number; state: RunState; attempt: number }[];
    for (const { seq, state, attempt } of open) {
      const run: Run = { kind: "task", state, attempt };
      const crashed = transition(run, { type: "Crashed", reason });
      this.#storeTaskMove(id, seq, run, crashed, reason, nowMs);
    }
  }

  #ownedRun(id: number, runId: string, execution: number, lock: Deno.FsFile): ClaimedRun {
    const { last } = this.#database.prepare(
      "SELECT coalesce(max(seq), 0) AS last FROM task_runs WHERE flow_run = ?",
    ).get(id) as { last: number };
    return {
      run: { kind: "flow", state: "Running", attempt: execution },
      isResumed: execution > 1,
      nextTaskSeq: last + 1,
      createTaskRun: (task, nowMs) => {
        this.#writer.write(() => {
          const { seq, taskName, cacheKey } = task;
          this.#insertTask.run(
            id,
            seq,
            execution,
            taskName,
            task.arguments,
            cacheKey ?? null,
            nowMs,
          );
          this.#insertTransition.run(id, seq, nowMs, null, "Pending", "");
        });
      },
      moveTaskRun: (seq, from, to, reason, nowMs) =>
        this.#writer.write(() => this.#storeTaskMove(id, seq, from, to, reason, nowMs)),
      moveFlowRun: (from, to, reason, nowMs) =>
        this.#writer.write(() => this.#storeFlowMove(id, from, to, reason, nowMs)),
      release: () =>
        this.#writer.transact(() => {
          Deno.removeSync(this.#lockPath(runId));
          lock.close();
        }),
    };
  }

  #storeTaskMove(id: number, seq: number, from: Run, to: Run, reason: string, nowMs: number): void {
    this.#insertTransition.run(id, seq, nowMs, from.state, to.state, reason);
    this.#updateTask.run(to.state, to.attempt, nowMs, id, seq);
  }

  #storeFlowMove(id: number, from: Run, to: Run, reason: string, nowMs: number): void {
    this.#insertTransition.run(id, null, nowMs, from.state, to.state, reason);
    this.#updateFlow.run(to.state, to.attempt, nowMs, id);
  }

  #lock(runId: string, ownerPid: number | undefined): Deno.FsFile {
    const path = this.#lockPath(runId);
    Deno.mkdirSync(dirname(path), { recursive: true });
    const file = Deno.openSync(path, { create: true, write: true });
    if (file.tryLockSync(true)) return file;
    file.close();
    throw new UserError(
      `Cannot run ${runId}: process ${ownerPid ?? "unknown"} is executing it`,
      { hint: "Wait until it has ended, stop it, or give another run id." },
    );
  }

  #lockPath(runId: string): string {
    return join(this.#lockFolder, `${runId}.lock`);
  }
}

function refuseOther(row: FlowRunRow, claim: RunClaim): void {
  if (row.flow_name !== claim.flowName) {
    throw new UserError(
      `Cannot run ${claim.runId} as flow "${claim.flowName}": it is a run of flow "${row.flow_name}"`,
      { hint: "Give another run id." },
    );
  }
  if (row.state === "Completed") {
    throw new UserError(`Cannot run ${claim.runId} again: it is completed`, {
      hint: "Give another run id: what has not changed comes from the cache.",
    });
  }
}
