import { currentContext } from "./run_context.ts";
import type { LogLevel } from "./store/run_records.ts";

/** Writes a line to the log of the run that calls, with its task. Outside of a flow run, also in a task on a cluster,
 * nothing happens: there `console` is what writes to the cluster's logs.
 * @param message cut to 10,000 characters; a run keeps its first 100,000 lines */
export function runLog(message: string, level: LogLevel = "info"): void {
  const context = currentContext();
  context?.flowRun.writeLog(context.task, level, message);
}
