import { systemClock } from "../base/clock.ts";
import { errorMessage } from "../base/errors.ts";
import { FlowCancelledError } from "../flow/mod.ts";
import { print, printError } from "./command.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import type { ProgressReporter } from "./progress/display.ts";
import { openStderrDisplay } from "./progress/stderr_display.ts";

/** A Ctrl-C arrives twice, from the terminal and from `deno task`, which passes it on: what comes so soon is no second
 * one. */
const SAME_SIGNAL_MS = 500;

/** A run that shows its progress and can be stopped. */
export interface StoppableRun {
  /** The names of its stages, in their order. */
  readonly stages: readonly string[];
  readonly isQuiet: boolean;
  /** @returns what goes to standard output in the end
   * @throws {FlowCancelledError} when the signal was aborted */
  readonly work: (display: ProgressReporter, signal: AbortSignal) => Promise<string>;
  /** What to say when it was stopped. */
  readonly stopped: string;
}

/** Runs to the end, or until Ctrl-C or SIGTERM; a second one ends the process at once.
 * @returns the exit code
 * @throws whatever the work fails with */
export async function runStoppable(run: StoppableRun): Promise<number> {
  const { stages, isQuiet, work, stopped } = run;
  const abort = new AbortController();
  let stoppedAtMs: number | undefined;
  const stop = () => {
    const nowMs = systemClock.nowMs();
    stoppedAtMs ??= nowMs;
    // The second Ctrl-C does not wait: the workers end when their parent is gone.
    if (nowMs - stoppedAtMs > SAME_SIGNAL_MS) Deno.exit(EXIT_CODES.interrupted);
    abort.abort(new Error("it was interrupted"));
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, stop);
  const display = openStderrDisplay({ quiet: isQuiet, clock: systemClock });
  const startedAtMs = systemClock.nowMs();
  try {
    display.report({ type: "RunStarted", stages });
    const output = await work(display, abort.signal);
    display.report({ type: "RunFinished", durationMs: systemClock.nowMs() - startedAtMs });
    display[Symbol.dispose]();
    print(output);
    return EXIT_CODES.ok;
  } catch (error) {
    if (error instanceof FlowCancelledError) {
      display.report({ type: "RunCancelled", reason: "interrupted" });
      display[Symbol.dispose]();
      printError(stopped);
      return EXIT_CODES.interrupted;
    }
    display.report({ type: "RunFailed", message: errorMessage(error) });
    throw error;
  } finally {
    display[Symbol.dispose]();
  }
}
