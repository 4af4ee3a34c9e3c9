import type { FlowStage } from "../../../cluster/head/dashboard/run_source.ts";
import type { RunState, TaskRunRecord } from "../../flow/mod.ts";

/** What became of task runs. */
export type Fate = "done" | "cached" | "failed" | "cancelled" | "running" | "waiting";

const FATES: Readonly<Record<RunState, Fate>> = {
  Scheduled: "waiting",
  Pending: "waiting",
  Running: "running",
  Retrying: "running",
  Paused: "waiting",
  Cancelling: "running",
  Cancelled: "cancelled",
  Completed: "done",
  Cached: "cached",
  Failed: "failed",
  Crashed: "failed",
  TimedOut: "failed",
};

/** PURE: what became of a task run in this state. */
export function fateOf(state: RunState): Fate {
  return FATES[state];
}

/** PURE: the task runs of a flow by name, in the order in which the names came first. */
export function flowStages(taskRuns: readonly TaskRunRecord[]): FlowStage[] {
  const nameOf = new Map(taskRuns.map(({ seq, taskName }) => [seq, taskName]));
  const byName = Map.groupBy(taskRuns, ({ taskName }) => taskName);
  return [...byName].map(([name, runs]) => {
    const counts = { done: 0, cached: 0, failed: 0, cancelled: 0, running: 0, waiting: 0 };
    for (const { state } of runs) counts[fateOf(state)]++;
    const isOpen = counts.running + counts.waiting > 0;
    const needs = runs.flatMap((run) => run.needs.map((seq) => nameOf.get(seq) ?? ""));
    return {
      name,
      ...counts,
      startedAtMs: earliest(runs),
      endedAtMs: isOpen ? undefined : runs.reduce((max, r) => Math.max(max, r.updatedAtMs), 0),
      reads: [...new Set(needs)].filter((read) => read !== "" && read !== name),
    };
  });
}

function earliest(runs: readonly TaskRunRecord[]): number | undefined {
  // What is taken from the cache never starts: it is there when it is asked for.
  const startMs = runs.reduce(
    (min, run) =>
      Math.min(min, run.startedAtMs ?? (run.state === "Cached" ? run.updatedAtMs : Infinity)),
    Infinity,
  );
  return startMs === Infinity ? undefined : startMs;
}
