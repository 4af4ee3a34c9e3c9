import { assertNever } from "../../base/errors.ts";
import type { ProgressEvent } from "./events.ts";

/** Where a stage stands. */
export type StageStatus = "pending" | "running" | "finished" | "failed" | "cancelled";

/** One stage as the display shows it. */
export interface StageProgress {
  /** Its name, unique in the run. */
  readonly name: string;
  /** Where it stands. */
  readonly status: StageStatus;
  /** When it began, in milliseconds since the epoch; 0 while pending. */
  readonly startedMs: number;
  /** How long it took; 0 before its end. */
  readonly durationMs: number;
  /** Tasks with a result. */
  readonly done: number;
  /** All tasks; `null` where unknown. */
  readonly total: number | null;
  /** Tasks running now. */
  readonly running: number;
  /** Results that came from the cache. */
  readonly cached: number;
  /** What came of it. */
  readonly detail: string;
}

/** How the run stands, and how it ended. */
export type RunOutcome =
  | { readonly type: "underway" }
  | { readonly type: "finished"; readonly durationMs: number }
  | { readonly type: "failed"; readonly message: string }
  | { readonly type: "cancelled"; readonly reason: string };

/** Everything that the display knows of a run. */
export interface ProgressState {
  /** In the order of their announcement or start. */
  readonly stages: readonly StageProgress[];
  /** Workers connected now; `null` before the first word of them. */
  readonly workers: number | null;
  /** Under way, or how it ended. */
  readonly outcome: RunOutcome;
}

/** A run of which nothing is known yet. */
export const INITIAL_PROGRESS: ProgressState = {
  stages: [],
  workers: null,
  outcome: { type: "underway" },
};

/** The state after an event. Events of stages that were never started start them: a display must not fail its run.
 * @param nowMs when the event happened, in milliseconds since the epoch */
export function progressState(
  state: ProgressState,
  event: ProgressEvent,
  nowMs: number,
): ProgressState {
  switch (event.type) {
    case "RunStarted":
      return event.stages.reduce((next, stage) => changeStage(next, stage, {}), state);
    case "StageStarted":
      return changeStage(state, event.stage, {
        status: "running",
        startedMs: nowMs,
        total: event.total ?? null,
      });
    case "StageAdvanced": {
      const { stage, done, total, running, cached } = event;
      const known = state.stages.find(({ name }) => name === stage);
      const startedMs = known?.status === "running" ? known.startedMs : nowMs;
      return changeStage(state, stage, {
        status: "running",
        startedMs,
        done,
        total,
        running,
        cached,
      });
    }
    case "StageFinished": {
      const { stage, detail, durationMs } = event;
      return changeStage(state, stage, { status: "finished", running: 0, detail, durationMs });
    }
    case "StageFailed": {
      const { stage, message: detail, durationMs } = event;
      return changeStage(state, stage, { status: "failed", running: 0, detail, durationMs });
    }
    case "WorkersChanged":
      return { ...state, workers: event.connected };
    case "Notice":
      return state;
    case "RunFinished":
      return { ...state, outcome: { type: "finished", durationMs: event.durationMs } };
    case "RunFailed":
      return {
        ...stopStages(state, "failed", nowMs),
        outcome: { type: "failed", message: event.message },
      };
    case "RunCancelled":
      return {
        ...stopStages(state, "cancelled", nowMs),
        outcome: { type: "cancelled", reason: event.reason },
      };
    default:
      return assertNever(event);
  }
}

/** Milliseconds until a running stage's end at the pace of the tasks that were computed, cached ones left out;
 * `null` while nothing was computed or the total is unknown. */
export function remainingMs(stage: StageProgress, nowMs: number): number | null {
  const computed = stage.done - stage.cached;
  if (stage.total === null || computed <= 0) return null;
  return (nowMs - stage.startedMs) / computed * Math.max(0, stage.total - stage.done);
}

function changeStage(
  state: ProgressState,
  name: string,
  changes: Partial<StageProgress>,
): ProgressState {
  const known = state.stages.some((stage) => stage.name === name);
  const stages = known ? state.stages : [...state.stages, pendingStage(name)];
  return {
    ...state,
    stages: stages.map((stage) => stage.name === name ? { ...stage, ...changes } : stage),
  };
}

function pendingStage(name: string): StageProgress {
  return {
    name,
    status: "pending",
    startedMs: 0,
    durationMs: 0,
    done: 0,
    total: null,
    running: 0,
    cached: 0,
    detail: "",
  };
}

function stopStages(
  state: ProgressState,
  status: "failed" | "cancelled",
  nowMs: number,
): ProgressState {
  const stages = state.stages.map((stage) =>
    stage.status === "running"
      ? { ...stage, status, running: 0, durationMs: nowMs - stage.startedMs }
      : stage
  );
  return { ...state, stages };
}
