import { taskView } from "../../../scheduler/mod.ts";
import type { SchedulerState, Task } from "../../../scheduler/state.ts";
import type { AttemptRecord } from "../../telemetry/attempt_record.ts";
import type { AttemptRow, Attempts, TaskDetail, TaskRow, Tasks } from "../schemas/tasks.ts";

/** Which tasks or attempts are wanted; what is undefined does not matter. */
export interface TaskFilter {
  /** Of a task its state, of an attempt its end. */
  readonly state: string | undefined;
  readonly runId: string | undefined;
  readonly nodeId: string | undefined;
  readonly name: string | undefined;
  /** A part of the id or of the name, whatever its case. */
  readonly text: string | undefined;
}

/** Which rows of a list are wanted. */
export interface PageRange {
  readonly offset: number;
  readonly limit: number;
}

/** PURE: a page of the known tasks. O(tasks). */
export function tasksView(
  state: SchedulerState,
  filter: TaskFilter,
  { offset, limit }: PageRange,
): Tasks {
  const wants = wanted(filter);
  const rows: TaskRow[] = [];
  let total = 0;
  for (const task of state.tasks.values()) {
    const { spec, state: place } = task.record;
    const nodeId = task.attempt?.worker.workerId;
    if (!wants(place, task.run.runId, nodeId, spec.name, spec.taskId)) continue;
    if (total >= offset && rows.length < limit) rows.push(rowOf(task));
    total++;
  }
  return { total, known: state.tasks.size, offset, rows };
}

/** PURE: a page of attempts, the newest first; `records` come in the order in which they ended, some at a time. */
export async function attemptsView(
  records: AsyncIterable<readonly AttemptRecord[]>,
  filter: TaskFilter,
  { offset, limit }: PageRange,
): Promise<Attempts> {
  const wants = wanted(filter);
  // Only what the page can show is kept: the newest `offset + limit`.
  let newest: AttemptRecord[] = [];
  let total = 0;
  for await (const some of records) {
    for (const record of some) {
      const { end, runId, workerId, name, taskId } = record;
      if (!wants(end, runId, workerId, name, taskId)) continue;
      newest.push(record);
      total++;
    }
    if (newest.length > 2 * (offset + limit)) newest = newest.slice(-(offset + limit));
  }
  const rows = newest.reverse().slice(offset, offset + limit).map(attemptRow);
  return { total, offset, rows };
}

/** PURE: one task; undefined when neither the scheduler nor the history knows it. */
export function taskDetailView(
  state: SchedulerState,
  taskId: string,
  records: readonly AttemptRecord[],
): TaskDetail | undefined {
  const task = taskView(state, taskId);
  const attempts = records.map(attemptRow).reverse();
  if (task !== undefined) {
    const { clientId: _, attempts: live, error, story, blockers, ...rest } = task;
    return {
      ...rest,
      resources: { ...rest.resources },
      error: error && {
        kind: error.kind,
        name: error.name,
        message: error.message,
        stack: error.stack,
      },
      live: live.map(({ attemptId, workerId, isStarted }) => ({
        attemptId,
        nodeId: workerId,
        isStarted,
      })),
      blockers: [...blockers],
      story: [...story],
      attempts,
    };
  }
  const last = records.at(-1);
  if (last === undefined) return undefined;
  return {
    taskId,
    name: last.name,
    runId: last.runId,
    state: "forgotten",
    submittedAtMs: last.submittedAtMs,
    readyAtMs: last.readyAtMs,
    finishedAtMs: last.endedAtMs,
    failures: records.filter(({ end }) => end === "failed" || end === "timed_out").length,
    losses: records.filter(({ end }) => end === "lost").length,
    live: [],
    blockers: [],
    story: [],
    attempts,
  };
}

function rowOf({ record, run, attempt }: Task): TaskRow {
  const { spec, state, submittedAtMs, finishedAtMs, failures, losses, outcome } = record;
  return {
    taskId: spec.taskId,
    name: spec.name,
    runId: run.runId,
    state,
    nodeId: attempt?.worker.workerId,
    submittedAtMs,
    finishedAtMs,
    failures,
    losses,
    error: outcome?.type === "failed"
      ? `${outcome.error.kind}: ${outcome.error.message}`.slice(0, MAX_ERROR_LENGTH)
      : undefined,
  };
}

const MAX_ERROR_LENGTH = 300;

function attemptRow({ workerId, ...record }: AttemptRecord): AttemptRow {
  const { taskId, attemptId, name, runId, end, cause } = record;
  const { readyAtMs, startedAtMs, endedAtMs, durationMs } = record;
  return {
    taskId,
    attemptId,
    name,
    runId,
    nodeId: workerId,
    end,
    readyAtMs,
    startedAtMs,
    endedAtMs,
    durationMs,
    cause,
  };
}

type Wanted = (
  state: string,
  runId: string,
  nodeId: string | undefined,
  name: string,
  taskId: string,
) => boolean;

function wanted({ state, runId, nodeId, name, text }: TaskFilter): Wanted {
  const needle = text?.toLowerCase();
  return (place, run, node, label, taskId) =>
    (state === undefined || place === state) &&
    (runId === undefined || run === runId) &&
    (nodeId === undefined || node === nodeId) &&
    (name === undefined || label === name) &&
    (needle === undefined || label.toLowerCase().includes(needle) ||
      taskId.toLowerCase().includes(needle));
}
