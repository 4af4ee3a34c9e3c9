import type { Clock } from "../../base/clock.ts";
import { ProgressDisplay, type ProgressReporter } from "./display.ts";

const TICK_MS = 100;

/** A display on standard error: in place on a terminal, plain lines elsewhere, nothing when `quiet`. It draws by
 * itself until it is disposed of, holds no process open, and gives the cursor back however the process exits. */
export function openStderrDisplay(options: { quiet: boolean; clock: Clock }): ProgressReporter {
  const terminal = Deno.stderr.isTerminal() && Deno.env.get("TERM") !== "dumb";
  const display = new ProgressDisplay({
    mode: options.quiet ? "quiet" : terminal ? "terminal" : "plain",
    writer: Deno.stderr,
    clock: options.clock,
    color: terminal && !Deno.env.get("NO_COLOR"),
    size: consoleSize,
  });
  if (options.quiet || !terminal) return display;
  const timer = setInterval(() => display.tick(), TICK_MS);
  Deno.unrefTimer(timer);
  const close = (): void => {
    clearInterval(timer);
    globalThis.removeEventListener("unload", close);
    display[Symbol.dispose]();
  };
  globalThis.addEventListener("unload", close);
  return { report: (event) => display.report(event), [Symbol.dispose]: close };
}

function consoleSize(): { columns: number; rows: number } {
  try {
    return Deno.consoleSize();
  } catch {
    return { columns: 0, rows: 0 };
  }
}
