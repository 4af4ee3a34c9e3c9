import type { DatabaseSync } from "node:sqlite";
import { UserError } from "../../base/errors.ts";
import { isTerminal, pendingRun, type Run, type RunEvent, transition } from "../states.ts";
import type { BatchWriter } from "./batch_writer.ts";
import { type ClaimedRun, OwnedRun } from "./claimed_run.ts";
import type { FullLimit, Limits } from "./limits.ts";
import type { RunLock, RunLocks } from "./run_locks.ts";
import { RunWriter } from "./run_writer.ts";
import type { RunState } from "../states.ts";

/** A flow run at its making. */
export interface NewFlowRun {
  readonly runId: string;
  readonly flowName: string;
  readonly parentRunId: string | undefined;
  /** A summary for people. */
  readonly parameters: string;
  /** As a JSON array; undefined where JSON cannot hold them. */
  readonly arguments: string | undefined;
  /** Where another process finds the flow. */
  readonly module: string | undefined;
  readonly exportName: string | undefined;
  /** That it is a run of; undefined when somebody started it by itself. */
  readonly deployment: string | undefined;
}

/** Who wants to execute which flow run. */
export interface RunClaim extends NewFlowRun {
  readonly ownerPid: number;
  readonly nowMs: number;
}

interface FlowRunRow {
  readonly id: number;
  readonly run_id: string;
  readonly flow_name: string;
  readonly state: RunState;
  readonly execution: number;
  readonly owner_pid: number;
}

const ROW = "SELECT id, run_id, flow_name, state, execution, owner_pid FROM flow_runs";

/** Who executes which flow run. A run belongs to the process that holds its lock. */
export class RunRegistry {
  readonly #database: DatabaseSync;
  readonly #writer: BatchWriter;
  readonly #locks: RunLocks;
  readonly #limits: Limits;
  readonly #rows: RunWriter;

  /** All of one store. */
  constructor(database: DatabaseSync, writer: BatchWriter, locks: RunLocks, limits: Limits) {
    this.#database = database;
    this.#writer = writer;
    this.#locks = locks;
    this.#limits = limits;
    this.#rows = new RunWriter(database);
  }

  /** Makes a flow run, or opens one that was scheduled, cancelled, failed, or whose process died; it is Running and ours
   * afterwards. What a dead process left unfinished becomes Crashed first.
   * @returns the limit of its flow, where that leaves no room: the run is Scheduled, then
   * @throws {UserError} when a living process executes it, when it is completed, or when it is another flow's */
  claim(claim: RunClaim): ClaimedRun | FullLimit {
    return this.#writer.transact(() => {
      const row = this.#find(claim.runId);
      if (row !== undefined) refuseOther(row, claim);
      const full = this.#limits.admitRun(claim.flowName, claim.nowMs);
      if (full !== undefined) {
        if (row === undefined) this.#makeScheduled(claim, full.reason, claim.nowMs);
        return full;
      }
      const lock = this.#lock(claim.runId, row?.owner_pid);
      try {
        const id = row?.id ?? this.#create(claim, claim.nowMs);
        const run: Run = row === undefined
          ? pendingRun("flow")
          : { kind: "flow", state: row.state, attempt: row.execution };
        return this.#own(id, run, row?.owner_pid ?? 0, claim, lock);
      } catch (error) {
        lock.letGo();
        throw error;
      }
    });
  }

  /** Makes a flow run that somebody is to execute later.
   * @returns false when there is one of this id already */
  schedule(run: NewFlowRun, reason: string, nowMs: number): boolean {
    return this.#writer.transact(() => {
      if (this.#find(run.runId) !== undefined) return false;
      this.#makeScheduled(run, reason, nowMs);
      return true;
    });
  }

  /** Ends a run that nobody executes: one that waits for its start or for an approval is Cancelled.
   * @returns false when there is nothing to end, or somebody executes it */
  cancelIdle(runId: string, reason: string, nowMs: number): boolean {
    return this.#writer.transact(() => {
      const row = this.#find(runId);
      if (row === undefined || isTerminal(row.state) || this.#locks.isTaken(runId)) return false;
      let run: Run = { kind: "flow", state: row.state, attempt: row.execution };
      const apply = (event: RunEvent) => {
        const next = transition(run, event);
        this.#rows.moveFlowRun(row.id, run, next, event.reason, nowMs);
        run = next;
      };
      this.#rows.crashTaskRuns(row.id, reason, nowMs);
      if (row.state !== "Cancelling") apply({ type: "CancelRequested", reason });
      if (run.state === "Cancelling") apply({ type: "CancelConfirmed", reason });
      return true;
    });
  }

  /** Whether a living process executes the run. */
  isExecuted(runId: string): boolean {
    return this.#locks.isTaken(runId);
  }

  /** Has the runs that a process began and left when it died become Crashed, with their task runs: all but those that are
   * Paused, which may wait for somebody without a process.
   * @returns their ids */
  crashDead(nowMs: number): string[] {
    return this.#writer.transact(() => {
      const open = this.#database.prepare(
        `${ROW} WHERE owner_pid <> 0 AND state IN ('Pending', 'Running', 'Retrying', 'Cancelling')`,
      ).all() as unknown as FlowRunRow[];
      const dead = open.filter(({ run_id }) => !this.#locks.isTaken(run_id));
      for (const row of dead) this.#crash(row, nowMs);
      return dead.map(({ run_id }) => run_id);
    });
  }

  #find(runId: string): FlowRunRow | undefined {
    return this.#database.prepare(`${ROW} WHERE run_id = ?`).get(runId) as FlowRunRow | undefined;
  }

  #makeScheduled(run: NewFlowRun, reason: string, nowMs: number): void {
    const id = this.#create(run, nowMs);
    const pending = pendingRun("flow");
    const scheduled = transition(pending, { type: "Deferred", reason });
    this.#rows.moveFlowRun(id, pending, scheduled, reason, nowMs);
  }

  #create(run: NewFlowRun, nowMs: number): number {
    const id = Number(
      this.#database.prepare(
        "INSERT INTO flow_runs (run_id, parent_run_id, flow_name, parameters, arguments, module, export_name, " +
          "deployment, state, reason, execution, owner_pid, created_at_ms, updated_at_ms) " +
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'Pending', 'made', 0, 0, ?, ?)",
      ).run(
        run.runId,
        run.parentRunId ?? null,
        run.flowName,
        run.parameters,
        run.arguments ?? null,
        run.module ?? null,
        run.exportName ?? null,
        run.deployment ?? null,
        nowMs,
        nowMs,
      ).lastInsertRowid,
    );
    this.#rows.noteMaking(id, null, "made", nowMs);
    return id;
  }

  /** Has a run that nobody executes be Running and ours. */
  #own(id: number, found: Run, formerPid: number, claim: RunClaim, lock: RunLock): ClaimedRun {
    const { ownerPid, nowMs } = claim;
    let run = found;
    const apply = (event: RunEvent) => {
      const next = transition(run, event);
      this.#rows.moveFlowRun(id, run, next, event.reason, nowMs);
      run = next;
    };
    const isFirst = found.state === "Pending" || found.state === "Scheduled";
    if (found.state === "Scheduled") apply({ type: "BecameDue", reason: "" });
    if (isFirst) {
      apply({ type: "Started", reason: `started by process ${ownerPid}` });
    } else {
      const reason = `process ${formerPid} ended without finishing it`;
      this.#rows.crashTaskRuns(id, reason, nowMs);
      if (!isTerminal(run.state)) apply({ type: "Crashed", reason });
      apply({ type: "Reopened", reason: `resumed by process ${ownerPid}` });
    }
    this.#crashChildren(claim.runId, nowMs);
    this.#database.prepare(
      "UPDATE flow_runs SET owner_pid = ?, parameters = ?, arguments = ? WHERE id = ?",
    ).run(ownerPid, claim.parameters, claim.arguments ?? null, id);
    return new OwnedRun({
      id,
      run,
      isResumed: !isFirst,
      database: this.#database,
      writer: this.#writer,
      rows: this.#rows,
      limits: this.#limits,
      lock,
    });
  }

  /** What a dead process left unfinished of a run's children: nobody may call them again. */
  #crashChildren(parentRunId: string, nowMs: number): void {
    const children = this.#database.prepare(`${ROW} WHERE parent_run_id = ?`)
      .all(parentRunId) as unknown as FlowRunRow[];
    for (const child of children) {
      if (isTerminal(child.state) || this.#locks.isTaken(child.run_id)) continue;
      this.#crash(child, nowMs);
      this.#crashChildren(child.run_id, nowMs);
    }
  }

  #crash(row: FlowRunRow, nowMs: number): void {
    const reason = `process ${row.owner_pid} ended without finishing it`;
    const run: Run = { kind: "flow", state: row.state, attempt: row.execution };
    this.#rows.crashTaskRuns(row.id, reason, nowMs);
    this.#rows.moveFlowRun(
      row.id,
      run,
      transition(run, { type: "Crashed", reason }),
      reason,
      nowMs,
    );
  }

  #lock(runId: string, ownerPid: number | undefined): RunLock {
    const lock = this.#locks.take(runId);
    if (lock !== undefined) return lock;
    throw new UserError(
      "run/in-progress",
      `Cannot run ${runId}: process ${ownerPid ?? "unknown"} is executing it`,
      { hint: "Wait until it has ended, stop it, or give another run id." },
    );
  }
}

function refuseOther(row: FlowRunRow, claim: RunClaim): void {
  if (row.flow_name !== claim.flowName) {
    throw new UserError(
      "run/other-flow",
      `Cannot run ${claim.runId} as flow "${claim.flowName}": it is a run of flow "${row.flow_name}"`,
      { hint: "Give another run id." },
    );
  }
  if (row.state === "Completed") {
    throw new UserError("run/completed", `Cannot run ${claim.runId} again: it is completed`, {
      hint: "Give another run id: what has not changed comes from the cache.",
    });
  }
}
