import type { DatabaseSync } from "node:sqlite";
import type { TaskCounts } from "../flow_events.ts";
import { OPEN_STATES, type RunState } from "../states.ts";
import { type Deployment, readDeployments } from "./deployments.ts";
import { openFlowDatabaseForReading } from "./flow_database.ts";
import type {
  ApprovalRecord,
  ArtifactRecord,
  FlowRunRecord,
  LogRecord,
  TaskRunRecord,
  TransitionRecord,
} from "./run_records.ts";

/** Which flow runs to list. */
export interface RunFilter {
  /** Runs of this flow alone. */
  readonly flowName?: string;
  /** Runs of this deployment alone. */
  readonly deployment?: string;
  /** Runs in one of these states alone. */
  readonly states?: readonly RunState[];
  /** Runs whose id, flow or parameters contain this text, whatever the case. */
  readonly text?: string;
  /** Children of this run; null: runs that are nobody's child. Default: all. */
  readonly parentRunId?: string | null;
  /** Only what was made before the run of this id: the next page. */
  readonly beforeRunId?: string;
  /** At most so many; default 100. */
  readonly limit?: number;
}

/** Which part of a long list. */
export interface Page {
  /** Only what is numbered higher; default 0. */
  readonly after?: number;
  /** At most so many; default: all. */
  readonly limit?: number;
}

const FLOW_RUN_COLUMNS =
  "run_id AS runId, parent_run_id AS parentRunId, flow_name AS flowName, parameters, arguments, module, " +
  "export_name AS exportName, deployment, state, reason, execution, owner_pid AS ownerPid, created_at_ms AS createdAtMs, " +
  "started_at_ms AS startedAtMs, updated_at_ms AS updatedAtMs";

const TASK_RUN_COLUMNS =
  "seq, execution, task_name AS taskName, arguments, needs, cache_key AS cacheKey, cluster_task AS clusterTask, " +
  "state, reason, attempt, created_at_ms AS createdAtMs, started_at_ms AS startedAtMs, updated_at_ms AS updatedAtMs";

const DEFAULT_RUNS = 100;

/** What can be read of the runs of a store, as plain data that JSON can hold. Unknown runs have no tasks, no
 * transitions, no logs and no artifacts. */
export class RunViews {
  readonly #database: DatabaseSync;

  /** @internal */
  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** The flow run of this id. */
  find(runId: string): FlowRunRecord | undefined {
    return this.#database.prepare(`SELECT ${FLOW_RUN_COLUMNS} FROM flow_runs WHERE run_id = ?`)
      .get(runId) as FlowRunRecord | undefined;
  }

  /** The flow run of this flow that was made last, or the last one that is not Completed. Children are left out: they go on
   * with their parent. */
  latest(flowName: string, options: { unfinished?: boolean } = {}): FlowRunRecord | undefined {
    const unfinished = options.unfinished ? "AND state <> 'Completed'" : "";
    return this.#database.prepare(
      `SELECT ${FLOW_RUN_COLUMNS} FROM flow_runs WHERE flow_name = ? AND parent_run_id IS NULL ${unfinished} ORDER BY id DESC LIMIT 1`,
    ).get(flowName) as FlowRunRecord | undefined;
  }

  /** Flow runs, the last made first. */
  list(filter: RunFilter = {}): FlowRunRecord[] {
    const { flowName, deployment, states, text, parentRunId, beforeRunId } = filter;
    const conditions: string[] = ["1"];
    const values: (string | number)[] = [];
    const where = (condition: string, ...given: string[]) => {
      conditions.push(condition);
      values.push(...given);
    };
    if (flowName !== undefined) where("flow_name = ?", flowName);
    if (deployment !== undefined) where("deployment = ?", deployment);
    if (states !== undefined) where(`state IN (${states.map(() => "?").join()})`, ...states);
    if (text !== undefined) {
      where("instr(lower(run_id || ' ' || flow_name || ' ' || parameters), lower(?))", text);
    }
    if (parentRunId === null) where("parent_run_id IS NULL");
    else if (parentRunId !== undefined) where("parent_run_id = ?", parentRunId);
    if (beforeRunId !== undefined) {
      where("id < (SELECT id FROM flow_runs WHERE run_id = ?)", beforeRunId);
    }
    return this.#database.prepare(
      `SELECT ${FLOW_RUN_COLUMNS} FROM flow_runs WHERE ${conditions.join(" AND ")} ` +
        "ORDER BY id DESC LIMIT ?",
    ).all(...values, filter.limit ?? DEFAULT_RUNS) as unknown as FlowRunRecord[];
  }

  /** Flow runs that have not ended, as far as it is stored, the last made first. */
  listOpen(): FlowRunRecord[] {
    return this.list({ states: OPEN_STATES, limit: Number.MAX_SAFE_INTEGER });
  }

  /** The task runs of a flow run in the order of their making; `after` is a seq. */
  taskRuns(runId: string, page: Page & { states?: readonly RunState[] } = {}): TaskRunRecord[] {
    const { states = [] } = page;
    const among = states.length > 0 ? `AND state IN (${states.map(() => "?").join()})` : "";
    const rows = this.#rowsOf(
      runId,
      `SELECT ${TASK_RUN_COLUMNS} FROM task_runs WHERE flow_run = ? AND seq > ? ${among} ORDER BY seq LIMIT ?`,
      page,
      states,
    ) as unknown as (Omit<TaskRunRecord, "needs"> & { needs: string })[];
    return rows.map((row) => ({ ...row, needs: readNeeds(row.needs) }));
  }

  /** How many task runs of the flow run's last execution are in each state. */
  taskCounts(runId: string): TaskCounts {
    const rows = this.#database.prepare(
      "SELECT t.state AS state, count(*) AS count FROM task_runs t JOIN flow_runs f ON f.id = flow_run " +
        "AND f.execution = t.execution WHERE run_id = ? GROUP BY t.state",
    ).all(runId) as { state: RunState; count: number }[];
    return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
  }

  /** Every change of state of a flow run and of its task runs, in order; `after` is an n. */
  transitions(runId: string, page: Page = {}): TransitionRecord[] {
    return this.#rowsOf(
      runId,
      'SELECT n, task_seq AS taskSeq, at_ms AS atMs, from_state AS "from", to_state AS "to", reason ' +
        "FROM transitions WHERE flow_run = ? AND n > ? ORDER BY n LIMIT ?",
      page,
    ) as unknown as TransitionRecord[];
  }

  /** Those of the flow run itself, without its task runs. */
  ownTransitions(runId: string): TransitionRecord[] {
    return this.#rowsOf(
      runId,
      'SELECT n, task_seq AS taskSeq, at_ms AS atMs, from_state AS "from", to_state AS "to", reason ' +
        "FROM transitions WHERE flow_run = ? AND n > ? AND task_seq IS NULL ORDER BY n LIMIT ?",
      {},
    ) as unknown as TransitionRecord[];
  }

  /** The lines that flow and local tasks wrote to the run's log, in order; `after` is an n. What tasks on a cluster
   * write is in the logs of the cluster. */
  logs(runId: string, page: Page = {}): LogRecord[] {
    return this.#rowsOf(
      runId,
      "SELECT n, task_seq AS taskSeq, at_ms AS atMs, level, message FROM logs WHERE flow_run = ? AND n > ? " +
        "ORDER BY n LIMIT ?",
      page,
    ) as unknown as LogRecord[];
  }

  /** What the flow and its tasks made for people to look at, in the order of the task runs. A cached task run has the
   * artifacts of the one that computed its result. */
  artifacts(runId: string): ArtifactRecord[] {
    const rows = this.#database.prepare(
      `WITH run AS (SELECT id, execution FROM flow_runs WHERE run_id = ?1),
       own AS (
         SELECT a.id, nullif(task_seq, 0) AS taskSeq, task_name AS taskName, name, content,
           a.updated_at_ms AS updatedAtMs
         FROM run JOIN artifacts a ON a.flow_run = run.id
         LEFT JOIN task_runs t ON t.flow_run = a.flow_run AND t.seq = a.task_seq
       ),
       kept AS (
         SELECT max(a.id) AS id, t.seq AS taskSeq, t.task_name AS taskName, a.name, a.content,
           a.updated_at_ms AS updatedAtMs
         FROM run JOIN task_runs t ON t.flow_run = run.id AND t.execution = run.execution AND t.state = 'Cached'
         JOIN artifacts a ON a.cache_key = t.cache_key AND a.flow_run <> run.id
         GROUP BY t.seq, a.name
       )
       SELECT * FROM own UNION ALL SELECT * FROM kept ORDER BY taskSeq, id`,
    ).all(runId) as unknown as (Omit<ArtifactRecord, "content"> & { content: string })[];
    return rows.map((row) => ({ ...row, content: JSON.parse(row.content) }));
  }

  /** What the run has asked, in the order of asking. */
  approvals(runId: string): ApprovalRecord[] {
    return this.#database.prepare(
      "SELECT name, prompt, asked_at_ms AS askedAtMs, decision, note, decided_at_ms AS decidedAtMs " +
        "FROM approvals WHERE run_id = ? ORDER BY asked_at_ms, name",
    ).all(runId) as unknown as ApprovalRecord[];
  }

  /** Differs from the number of before when anything was stored since, by whomever: what to ask before all else. */
  changeCount(): number {
    const row = this.#database.prepare(
      "SELECT total_changes() AS own, (SELECT data_version FROM pragma_data_version) AS others",
    ).get() as { own: number; others: number };
    return row.own + row.others;
  }

  #rowsOf(
    runId: string,
    sql: string,
    { after = 0, limit = -1 }: Page,
    more: readonly string[] = [],
  ) {
    const row = this.#database.prepare("SELECT id FROM flow_runs WHERE run_id = ?").get(runId);
    if (row === undefined) return [];
    return this.#database.prepare(sql).all((row as { id: number }).id, after, ...more, limit);
  }
}

/** The views of a store that another process may be writing. */
export interface OpenRunViews extends Disposable {
  /** What can be read. */
  readonly views: RunViews;
  /** All deployments by name.
   * @internal */
  readonly deployments: () => readonly Deployment[];
}

/** Opens a store for reading alone; close it with `using`.
 * @throws {UserError} when there is none, or it is one of another schema version */
export function openRunViews(path: string): OpenRunViews {
  const database = openFlowDatabaseForReading(path);
  return {
    views: new RunViews(database),
    deployments: () => readDeployments(database),
    [Symbol.dispose]: () => database.close(),
  };
}

function readNeeds(text: string): number[] {
  return text === "" ? [] : text.split(",").map(Number);
}
