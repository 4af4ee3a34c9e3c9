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

/** What a production run tells while it goes on. */
export type ProductionEvent =
  | { readonly type: "StageStarted"; readonly stage: Stage; readonly total?: number }
  /** Counts are totals of the stage, not differences. */
  | {
    readonly type: "StageAdvanced";
    readonly stage: Stage;
    readonly done: number;
    readonly total: number;
    readonly running: number;
    readonly cached: number;
  }
  | {
    readonly type: "StageFinished";
    readonly stage: Stage;
    /** What came of it, in a few words. */
    readonly detail: string;
    readonly durationMs: number;
  };
