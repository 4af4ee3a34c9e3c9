import type { Clock } from "../../base/clock.ts";
import { errorMessage } from "../../base/errors.ts";
import type { ProgressReporter } from "./display.ts";

/** How far a stage is: so many of so many. */
export type OnProgress = (done: number, total: number) => void;

/** Does the work of a stage, and tells its start, how far it is, and its end.
 * @param detailOf what came of it, in a few words
 * @throws what the work throws */
export async function reportStage<T>(
  { reporter, clock }: { readonly reporter: ProgressReporter; readonly clock: Clock },
  stage: string,
  work: (onProgress: OnProgress) => Promise<T>,
  detailOf: (result: T) => string,
): Promise<T> {
  const startedAtMs = clock.nowMs();
  const durationMs = () => clock.nowMs() - startedAtMs;
  reporter.report({ type: "StageStarted", stage });
  try {
    const result = await work((done, total) =>
      reporter.report({ type: "StageAdvanced", stage, done, total, running: 0, cached: 0 })
    );
    const detail = detailOf(result);
    reporter.report({ type: "StageFinished", stage, detail, durationMs: durationMs() });
    return result;
  } catch (error) {
    const message = errorMessage(error);
    reporter.report({ type: "StageFailed", stage, message, durationMs: durationMs() });
    throw error;
  }
}
