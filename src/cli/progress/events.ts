/** What a run tells about its progress. Everything that the display shows comes from these. */
export type ProgressEvent =
  | RunStarted
  | StageStarted
  | StageAdvanced
  | StageFinished
  | StageFailed
  | WorkersChanged
  | Notice
  | RunFinished
  | RunFailed
  | RunCancelled;

/** A run begins. Optional: without it, stages show as they start. */
export interface RunStarted {
  /** The variant. */
  readonly type: "RunStarted";
  /** The names of all stages to come, in their order. */
  readonly stages: readonly string[];
}

/** A stage begins. */
export interface StageStarted {
  /** The variant. */
  readonly type: "StageStarted";
  /** The stage's name. */
  readonly stage: string;
  /** How many tasks it has, where that is known. */
  readonly total?: number;
}

/** Tasks of a stage have moved on. Counts are totals of the stage, not differences. */
export interface StageAdvanced {
  /** The variant. */
  readonly type: "StageAdvanced";
  /** The stage's name. */
  readonly stage: string;
  /** Tasks with a result, those of the cache included. */
  readonly done: number;
  /** All tasks of the stage. */
  readonly total: number;
  /** Tasks that are running now. */
  readonly running: number;
  /** Those of `done` whose result came from the cache. */
  readonly cached: number;
}

/** A stage has its result. */
export interface StageFinished {
  /** The variant. */
  readonly type: "StageFinished";
  /** The stage's name. */
  readonly stage: string;
  /** What came of it, in a few words; may be empty. */
  readonly detail: string;
  /** How long it took. */
  readonly durationMs: number;
}

/** A stage has failed; the others may go on. */
export interface StageFailed {
  /** The variant. */
  readonly type: "StageFailed";
  /** The stage's name. */
  readonly stage: string;
  /** Why. */
  readonly message: string;
  /** How long it took until then. */
  readonly durationMs: number;
}

/** Workers have connected or gone. */
export interface WorkersChanged {
  /** The variant. */
  readonly type: "WorkersChanged";
  /** How many are connected now. */
  readonly connected: number;
}

/** Something that the user should read, and that stays on the screen. */
export interface Notice {
  /** The variant. */
  readonly type: "Notice";
  /** One sentence. */
  readonly message: string;
}

/** The run has succeeded. */
export interface RunFinished {
  /** The variant. */
  readonly type: "RunFinished";
  /** How long the run took. */
  readonly durationMs: number;
}

/** The run has failed. */
export interface RunFailed {
  /** The variant. */
  readonly type: "RunFailed";
  /** Why. */
  readonly message: string;
}

/** The run was told to stop, and has. */
export interface RunCancelled {
  /** The variant. */
  readonly type: "RunCancelled";
  /** Who or what asked for it. */
  readonly reason: string;
}
