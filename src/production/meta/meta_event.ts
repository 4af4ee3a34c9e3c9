import type { Clock } from "../../base/clock.ts";
import type { StageEvent } from "../production_event.ts";

/** The stages of a meta-portfolio after its sleeves, in their order. */
export const META_STAGES = ["join", "weights", "backtest", "holdings", "report"] as const;

/** What a meta-portfolio's run tells while it goes on: of each run of a sleeve, and of its own stages. */
export type MetaEvent =
  | StageEvent<string>
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
