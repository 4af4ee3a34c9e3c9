import { assertNever } from "../../base/errors.ts";
import type { ProgressEvent } from "./events.ts";
import { formatDuration, printable } from "./terminal_text.ts";

/** The line that an event is worth where lines cannot be redrawn; `null` for most. */
export function plainLine(event: ProgressEvent): string | null {
  switch (event.type) {
    case "RunStarted":
    case "StageAdvanced":
    case "WorkersChanged":
      return null;
    case "StageStarted": {
      const tasks = event.total === undefined ? "" : `, ${event.total} tasks`;
      return `${printable(event.stage)}: started${tasks}`;
    }
    case "StageFinished": {
      const detail = event.detail === "" ? "" : `, ${printable(event.detail)}`;
      return `${printable(event.stage)}: finished in ${formatDuration(event.durationMs)}${detail}`;
    }
    case "StageFailed":
      return `${printable(event.stage)}: failed after ${formatDuration(event.durationMs)}, ${
        printable(event.message)
      }`;
    case "Notice":
      return `notice: ${printable(event.message)}`;
    case "RunFinished":
      return `run: finished in ${formatDuration(event.durationMs)}`;
    case "RunFailed":
      return `run: failed, ${printable(event.message)}`;
    case "RunCancelled":
      return `run: cancelled, ${printable(event.reason)}`;
    default:
      return assertNever(event);
  }
}
