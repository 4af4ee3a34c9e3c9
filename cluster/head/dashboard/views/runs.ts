import type { SchedulerState } from "../../../scheduler/state.ts";
import type { AttemptDigest, NameDigest, RunDigest } from "../attempt_digest.ts";
import type { FlowRun, FlowRunDetail } from "../run_source.ts";
import type { RunDetail, RunRow, Runs, RunStage } from "../schemas/runs.ts";
import { runEdges } from "./run_edges.ts";
import type { PageRange } from "./tasks.ts";

/** Which runs are wanted; what is undefined does not matter. */
export interface RunFilter {
  readonly state: string | undefined;
  /** A part of the id or of the name, whatever its case. */
  readonly text: string | undefined;
}

const MAX_TRANSITIONS = 50;

/** PURE: a page of all runs, flows and others, the newest first. */
export function runsView(
  state: SchedulerState,
  digest: AttemptDigest,
  flows: readonly FlowRun[],
  { state: wantedState, text }: RunFilter,
  { offset, limit }: PageRange,
): Runs {
  const rows = allRuns(state, digest, flows);
  const states: Record<string, number> = {};
  for (const row of rows) states[row.state] = (states[row.state] ?? 0) + 1;
  const needle = text?.toLowerCase();
  const wanted = rows.filter((row) =>
    (wantedState === undefined || row.state === wantedState) &&
    (needle === undefined || row.runId.toLowerCase().includes(needle) ||
      row.name.toLowerCase().includes(needle))
  );
  return { total: wanted.length, states, rows: wanted.slice(offset, offset + limit) };
}

/** PURE: one run; undefined when neither a store nor the head knows it.
 * @param mayRetry whether somebody goes on with flows that ended badly */
export function runView(
  state: SchedulerState,
  digest: AttemptDigest,
  runId: string,
  flow: FlowRunDetail | undefined,
  mayRetry: boolean,
): RunDetail | undefined {
  const known = digest.runs.get(runId);
  if (flow === undefined && known === undefined && !state.runs.has(runId)) return undefined;
  const stages = flow === undefined
    ? engineStages(state, runId, known)
    : flow.stages.map((stage) => flowStage(stage, known?.names.get(stage.name)));
  const row = flow === undefined ? engineRow(state, runId, known) : flowRow(state, flow);
  const isLive = row.endedAtMs === undefined;
  return {
    ...row,
    parameters: flow?.parameters ?? "",
    error: flow?.error,
    stages,
    edges: runEdges(stages, readsOf(flow, known)),
    transitions: (flow?.transitions ?? []).slice(-MAX_TRANSITIONS),
    artifacts: [...flow?.artifacts ?? []],
    approvals: [...flow?.approvals ?? []],
    lines: [...flow?.lines ?? []],
    hasLedger: flow?.hasLedger ?? false,
    canCancel: isLive,
    canPause: flow?.state === "Running",
    // Where it waits for people, their answers let it go on.
    canResume: flow?.state === "Paused" &&
      flow.approvals.every(({ decision }) => decision !== undefined),
    canRetry: mayRetry && flow !== undefined && !isLive && !/^(Completed|Cached)$/.test(row.state),
  };
}

function allRuns(
  state: SchedulerState,
  digest: AttemptDigest,
  flows: readonly FlowRun[],
): RunRow[] {
  const rows = flows.map((flow) => flowRow(state, flow));
  const named = new Set(flows.map(({ runId }) => runId));
  const others = new Set([...digest.runs.keys(), ...state.runs.keys()]);
  for (const runId of others) {
    if (!named.has(runId)) rows.push(engineRow(state, runId, digest.runs.get(runId)));
  }
  const startOf = ({ startedAtMs = Infinity }: RunRow) => startedAtMs;
  return rows.sort((a, b) => startOf(b) - startOf(a) || (a.runId < b.runId ? 1 : -1));
}

/** A flow counts a task as running once the head has it; the head knows better. */
function flowRow(state: SchedulerState, flow: FlowRun): RunRow {
  const { runId, name, tasks, startedAtMs, endedAtMs, isEnded } = flow;
  const live = state.runs.get(runId);
  const unfinished = isEnded ? 0 : tasks.running + tasks.waiting;
  const running = isEnded
    ? 0
    : live === undefined
    ? tasks.running
    : Math.min(unfinished, live.attemptCount);
  return {
    runId,
    name,
    state: flow.state,
    isFlow: true,
    startedAtMs,
    endedAtMs: isEnded ? endedAtMs : undefined,
    done: tasks.done + tasks.cached,
    cached: tasks.cached,
    failed: tasks.failed,
    running,
    waiting: unfinished - running,
    parentRunId: flow.parentRunId,
  };
}

/** Whose results the tasks of each name read, by what store and engine saw. */
function readsOf(
  flow: FlowRunDetail | undefined,
  known: RunDigest | undefined,
): Map<string, ReadonlySet<string>> {
  const reads = new Map<string, Set<string>>();
  for (const [name, digest] of known?.names ?? []) reads.set(name, new Set(digest.reads));
  for (const stage of flow?.stages ?? []) {
    const all = reads.get(stage.name) ?? new Set();
    for (const read of stage.reads) all.add(read);
    reads.set(stage.name, all);
  }
  return reads;
}

function engineRow(state: SchedulerState, runId: string, known: RunDigest | undefined): RunRow {
  const live = state.runs.get(runId);
  const names = [...known?.names.values() ?? []];
  const running = live?.attemptCount ?? 0;
  return {
    runId,
    name: "",
    state: live === undefined ? "Ended" : "Running",
    isFlow: false,
    startedAtMs: known?.firstSubmittedAtMs,
    endedAtMs: live === undefined ? known?.lastEndedAtMs : undefined,
    done: names.reduce((sum, { succeeded }) => sum + succeeded, 0),
    cached: 0,
    failed: names.reduce((sum, { failed }) => sum + failed, 0),
    running,
    waiting: Math.max(0, (live?.taskCount ?? 0) - running),
  };
}

function flowStage(stage: FlowRunDetail["stages"][number], known?: NameDigest): RunStage {
  const { name, done, cached, failed, cancelled, running, waiting } = stage;
  return {
    name,
    state: stageState({ failed, cancelled, running, waiting, done: done + cached }),
    done: done + cached,
    cached,
    failed,
    running,
    waiting,
    startedAtMs: stage.startedAtMs,
    endedAtMs: stage.endedAtMs,
    busyMs: known?.busyMs ?? 0,
  };
}

/** O(tasks): what the head knows of a run without a flow. */
function engineStages(state: SchedulerState, runId: string, known?: RunDigest): RunStage[] {
  const live = new Map<string, { running: number; waiting: number }>();
  for (const { run, record, attempt } of state.tasks.values()) {
    if (run.runId !== runId || record.finishedAtMs !== undefined) continue;
    const { name } = record.spec;
    let counts = live.get(name);
    if (counts === undefined) live.set(name, counts = { running: 0, waiting: 0 });
    if (attempt === undefined) counts.waiting++;
    else counts.running++;
  }
  const names = new Set([...known?.names.keys() ?? [], ...live.keys()]);
  return [...names].map((name) => {
    const ended = known?.names.get(name);
    const { running, waiting } = live.get(name) ?? { running: 0, waiting: 0 };
    const { succeeded = 0, failed = 0, cancelled = 0 } = ended ?? {};
    const isOver = running + waiting === 0;
    return {
      name,
      state: stageState({ failed, cancelled, running, waiting, done: succeeded }),
      done: succeeded,
      cached: 0,
      failed,
      running,
      waiting,
      startedAtMs: ended?.firstStartedAtMs,
      endedAtMs: isOver ? ended?.lastEndedAtMs : undefined,
      busyMs: ended?.busyMs ?? 0,
    };
  }).sort((a, b) => (a.startedAtMs ?? Infinity) - (b.startedAtMs ?? Infinity));
}

function stageState(
  counts: Pick<RunStage, "done" | "failed" | "running" | "waiting"> & { cancelled: number },
): RunStage["state"] {
  if (counts.running > 0) return "running";
  if (counts.waiting > 0) return counts.done + counts.failed > 0 ? "running" : "waiting";
  if (counts.failed > 0) return "failed";
  return counts.cancelled > 0 ? "cancelled" : counts.done > 0 ? "done" : "waiting";
}
