import type { LogLine } from "../../protocol/log_line.ts";

/** Which lines of the log somebody wants; what is undefined does not matter. */
export interface LogFilter {
  readonly run: string | undefined;
  readonly task: string | undefined;
  readonly node: string | undefined;
  /** Milliseconds since the Unix epoch. */
  readonly sinceMs: number | undefined;
}

/** Whether a line is wanted. A task is named by its id or by what it does. */
export function isWanted(line: LogLine, { run, task, node, sinceMs }: LogFilter): boolean {
  if (node !== undefined && line.node !== node) return false;
  if (sinceMs !== undefined && Date.parse(line.time) < sinceMs) return false;
  if (run === undefined && task === undefined) return true;
  if (line.stream === "notice") return false;
  return (run === undefined || line.run === run) &&
    (task === undefined || line.task === task || line.name === task);
}
