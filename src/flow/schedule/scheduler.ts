import type { FlowStore } from "../store/flow_store.ts";
import type { Deployment } from "../store/deployments.ts";
import type { FlowRunRecord } from "../store/run_records.ts";
import { planSchedule } from "./plan_schedule.ts";

/** Starts and looks after the processes of runs. */
export interface RunLauncher {
  /** Executes a run of the store in a process of its own. */
  start(runId: string): void;
  /** Whether its process lives. */
  isStarted(runId: string): boolean;
}

/** What a round of the scheduler tells people. */
export type SchedulerNotice = (message: string) => void;

/** Executions of one run that are begun by themselves after a crash. */
const MAX_EXECUTIONS = 3;

/** One round: makes the runs that are due, starts those that wait, and goes on with those whose process died or whose
 * approvals are there. Whoever does it, and how often, each time of a schedule has one run: the run's id is made of the
 * deployment's name and the time. */
export function serveRound(
  store: FlowStore,
  launcher: RunLauncher,
  nowMs: number,
  notice: SchedulerNotice,
): void {
  for (const runId of store.registry.crashDead(nowMs)) notice(`${runId} lost its process`);
  for (const deployment of store.deployments.list()) {
    if (deployment.schedule !== null && !deployment.isPaused) {
      makeDueRuns(store, deployment, nowMs, notice);
    }
  }
  for (const run of store.runs.listOpen().reverse()) {
    if (canStart(store, run) && !launcher.isStarted(run.runId)) {
      notice(`${run.runId} starts`);
      launcher.start(run.runId);
    }
  }
  for (const run of store.runs.list({ states: ["Crashed"] })) {
    if (run.deployment === null || run.parentRunId !== null) continue;
    if (run.execution >= MAX_EXECUTIONS || launcher.isStarted(run.runId)) continue;
    notice(`${run.runId} goes on after a crash, execution ${run.execution + 1}`);
    launcher.start(run.runId);
  }
}

function makeDueRuns(
  store: FlowStore,
  deployment: Deployment,
  nowMs: number,
  notice: SchedulerNotice,
): void {
  const { name, schedule, plannedUntilMs } = deployment;
  const open = openRunsOf(store, name);
  const plan = planSchedule(schedule!, plannedUntilMs, nowMs, open.length);
  if (plan.dueMs.length === 0 && plan.skipped === 0) return;
  if (plan.skipped > 0) notice(`${name}: ${plan.skipped} times left out`);
  if (plan.replacesOpen) { for (const { runId } of open) replace(store, runId, nowMs); }
  for (const dueMs of plan.dueMs) scheduleRun(store, deployment, dueMs, nowMs);
  store.deployments.put({ ...deployment, plannedUntilMs: nowMs });
}

/** Makes the run of a deployment for a time, Scheduled; it is there already when somebody made it before. */
function scheduleRun(
  store: FlowStore,
  deployment: Deployment,
  dueMs: number,
  nowMs: number,
): void {
  const runId = `${deployment.name}-${stampOf(dueMs).slice(0, SECONDS_LENGTH)}`;
  makeRun(store, deployment, runId, `due at ${new Date(dueMs).toISOString()}`, nowMs);
}

/** Makes a run of a deployment that somebody asks for now, Scheduled: a server of the store starts it, or whoever retries
 * it.
 * @returns its id */
export function askForRun(
  store: FlowStore,
  deployment: Deployment,
  reason: string,
  nowMs: number,
): string {
  const runId = `${deployment.name}-${stampOf(nowMs)}`;
  makeRun(store, deployment, runId, reason, nowMs);
  return runId;
}

const SECONDS_LENGTH = "20261124-060000".length;

/** 20261124-060000-123: day, time and milliseconds, in UTC. */
function stampOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, -1).replaceAll(/[-:]/g, "").replaceAll(/[T.]/g, "-");
}

function makeRun(
  store: FlowStore,
  deployment: Deployment,
  runId: string,
  reason: string,
  nowMs: number,
): void {
  store.registry.schedule(
    {
      runId,
      flowName: deployment.flowName,
      parentRunId: undefined,
      parameters: deployment.arguments,
      arguments: deployment.arguments,
      module: deployment.module,
      exportName: deployment.exportName,
      deployment: deployment.name,
    },
    reason,
    nowMs,
  );
}

function openRunsOf(store: FlowStore, deployment: string): FlowRunRecord[] {
  return store.runs.listOpen().filter((run) => run.deployment === deployment);
}

function replace(store: FlowStore, runId: string, nowMs: number): void {
  const reason = "the next run of its schedule is due";
  if (store.registry.isExecuted(runId)) {
    store.control.request(runId, { type: "cancel", reason });
  } else {
    store.registry.cancelIdle(runId, reason, nowMs);
  }
}

/** A run that waits for its start, and one that waited for approvals which are there now. Of a deployment that queues,
 * one at a time. */
function canStart(store: FlowStore, run: FlowRunRecord): boolean {
  if (run.module === null || store.registry.isExecuted(run.runId)) return false;
  if (run.state === "Paused") {
    const approvals = store.runs.approvals(run.runId);
    return approvals.length > 0 && approvals.every(({ decision }) => decision !== null);
  }
  if (run.state !== "Scheduled" || run.deployment === null) return false;
  const overlap = store.deployments.find(run.deployment)?.schedule?.overlap ?? "allow";
  if (overlap === "allow") return true;
  const first = openRunsOf(store, run.deployment).at(-1);
  return first?.runId === run.runId;
}
