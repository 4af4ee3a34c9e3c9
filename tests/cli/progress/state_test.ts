import { assertEquals } from "@std/assert";
import type { ProgressEvent } from "../../../src/cli/progress/events.ts";
import {
  INITIAL_PROGRESS,
  type ProgressState,
  progressState,
  remainingMs,
  type StageProgress,
} from "../../../src/cli/progress/state.ts";

function after(...events: readonly (readonly [number, ProgressEvent])[]): ProgressState {
  return events.reduce(
    (state, [nowMs, event]) => progressState(state, event, nowMs),
    INITIAL_PROGRESS,
  );
}

function stageOf(state: ProgressState, name: string): StageProgress {
  const stage = state.stages.find((candidate) => candidate.name === name);
  if (stage === undefined) throw new Error(`Cannot find the stage ${name}`);
  return stage;
}

const advanced = (done: number, cached: number): ProgressEvent => ({
  type: "StageAdvanced",
  stage: "optimise",
  done,
  total: 100,
  running: 2,
  cached,
});

Deno.test("progressState() keeps the announced order of stages whatever starts first", () => {
  const state = after(
    [0, { type: "RunStarted", stages: ["fetch", "audit"] }],
    [1, { type: "StageStarted", stage: "audit" }],
  );
  assertEquals(state.stages.map(({ name, status }) => [name, status]), [
    ["fetch", "pending"],
    ["audit", "running"],
  ]);
});

Deno.test("progressState() starts a stage that advances without a start", () => {
  const stage = stageOf(after([700, advanced(5, 0)], [900, advanced(6, 0)]), "optimise");
  assertEquals([stage.status, stage.startedMs, stage.done], ["running", 700, 6]);
});

Deno.test("progressState() leaves nothing running once a stage has finished", () => {
  const state = after(
    [0, { type: "StageStarted", stage: "optimise", total: 100 }],
    [10, advanced(100, 0)],
    [20, { type: "StageFinished", stage: "optimise", detail: "100 solved", durationMs: 20 }],
  );
  const { status, running, detail, durationMs } = stageOf(state, "optimise");
  assertEquals([status, running, detail, durationMs], ["finished", 0, "100 solved", 20]);
});

Deno.test("progressState() marks only the running stages of a failed run as failed", () => {
  const state = after(
    [0, { type: "RunStarted", stages: ["fetch", "optimise", "report"] }],
    [0, { type: "StageFinished", stage: "fetch", detail: "", durationMs: 5 }],
    [100, { type: "StageStarted", stage: "optimise" }],
    [350, { type: "RunFailed", message: "no solution" }],
  );
  assertEquals(state.stages.map(({ status, durationMs }) => [status, durationMs]), [
    ["finished", 5],
    ["failed", 250],
    ["pending", 0],
  ]);
  assertEquals(state.outcome, { type: "failed", message: "no solution" });
});

Deno.test("progressState() lets the other stages go on when one has failed", () => {
  const state = after(
    [0, { type: "StageStarted", stage: "stocks" }],
    [1, { type: "StageStarted", stage: "coins", total: 3 }],
    [9, { type: "StageFailed", stage: "coins", message: "no prices", durationMs: 8 }],
  );
  const { status, detail, running, durationMs } = stageOf(state, "coins");
  assertEquals([status, detail, running, durationMs], ["failed", "no prices", 0, 8]);
  assertEquals([stageOf(state, "stocks").status, state.outcome.type], ["running", "underway"]);
});

Deno.test("remainingMs() leaves cached results out of the pace", () => {
  // 20 computed in 1,000 ms, so 60 more take 3,000 ms, although 40 of 100 are done.
  const state = after([0, { type: "StageStarted", stage: "optimise" }], [1000, advanced(40, 20)]);
  assertEquals(remainingMs(stageOf(state, "optimise"), 1000), 3000);
});

Deno.test("remainingMs() is unknown until something was computed", () => {
  const state = after([0, { type: "StageStarted", stage: "optimise" }], [1000, advanced(20, 20)]);
  assertEquals(remainingMs(stageOf(state, "optimise"), 1000), null);
});
