/** The stages of a production run, in their order. */
export const STAGES = [
  "discovery",
  "fetch",
  "audit",
  "returns",
  "selection",
  "clustering",
  "optimise",
  "backtest",
  "cross-validation",
  "report",
] as const;

/** One of {@linkcode STAGES}. */
export type Stage = typeof STAGES[number];

/** What is told of a stage while it goes on. */
export type StageEvent<S extends string> =
  | { readonly type: "StageStarted"; readonly stage: S; readonly total?: number }
  /** Counts are totals of the stage, not differences. */
  | {
    readonly type: "StageAdvanced";
    readonly stage: S;
    readonly done: number;
    readonly total: number;
    readonly running: number;
    readonly cached: number;
  }
  | {
    readonly type: "StageFinished";
    readonly stage: S;
    /** What came of it, in a few words. */
    readonly detail: string;
    readonly durationMs: number;
  };

/** What a production run tells while it goes on. */
export type ProductionEvent = StageEvent<Stage>;
