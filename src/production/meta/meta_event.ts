import type { Clock } from "../../base/clock.ts";

/** The stages of a meta-portfolio after its sleeves, in their order. */
export const META_STAGES = ["join", "weights", "backtest", "holdings", "report"] as const;

/** What a meta-portfolio's run tells while it goes on: of each run of a sleeve, and of its own stages. */
export type MetaEvent =
  | { readonly type: "StageStarted"; readonly stage: string; readonly total?: number }
  /** Counts are totals of the stage, not differences. */
  | {
    readonly type: "StageAdvanced";
    readonly stage: string;
    readonly done: number;
    readonly total: number;
    readonly running: number;
    readonly cached: number;
  }
  | {
    readonly type: "StageFinished";
    readonly stage: string;
    /** What came of it, in a few words. */
    readonly detail: string;
    readonly durationMs: number;
  }
  | {
    readonly type: "StageFailed";
    readonly stage: string;
    readonly message: string;
    readonly durationMs: number;
  }
  /** Something that a user should read at once. */
  | { readonly type: "Notice"; readonly message: string };

/** Runs a stage and tells of it. */
export async function runStage<R>(
  clock: Clock,
  onEvent: (event: MetaEvent) => void,
  stage: string,
  work: () => Promise<R>,
  describe: (result: R) => string,
): Promise<R> {
  const startedAtMs = clock.nowMs();
  onEvent({ type: "StageStarted", stage });
  const result = await work();
  const durationMs = clock.nowMs() - startedAtMs;
  onEvent({ type: "StageFinished", stage, detail: describe(result), durationMs });
  return result;
}
