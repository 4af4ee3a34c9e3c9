import { mendPlace } from "./ready_queue.ts";
import type { Run, SchedulerState, Shape } from "./state.ts";
import type { RunShare, TaskSpec } from "./types.ts";

/** The run of a task, with one unfinished task more. */
export function acquireRun(state: SchedulerState, spec: TaskSpec): Run {
  const { runId, weight }: RunShare = spec.rules?.run ?? { runId: spec.clientId, weight: 1 };
  let run = state.runs.get(runId);
  if (run === undefined) {
    run = {
      runId,
      weight,
      taskCount: 0,
      attemptCount: 0,
      used: 0,
      share: 0,
      queues: new Set(),
    };
    state.runs.set(runId, run);
  } else if (run.weight !== weight) {
    run.weight = weight;
    mendShare(run);
  }
  run.taskCount++;
  return run;
}

/** One unfinished task of the run fewer; a run without any is forgotten. */
export function releaseRun(state: SchedulerState, run: Run): void {
  if (--run.taskCount === 0) state.runs.delete(run.runId);
}

/** A live attempt more (1) or fewer (−1) takes its part of the workers. */
export function countLive(run: Run, shape: Shape, change: 1 | -1): void {
  run.attemptCount += change;
  // Fractions do not add up exactly: nothing is left of them when nothing runs.
  run.used = run.attemptCount === 0 ? 0 : run.used + change * shape.cost;
  mendShare(run);
}

function mendShare(run: Run): void {
  run.share = run.used / run.weight;
  for (const queue of run.queues) mendPlace(queue);
}
