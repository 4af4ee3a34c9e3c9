import { formatSize } from "../../src/base/size_text.ts";
import type { TaskError } from "../scheduler/types.ts";

/** What is known of an executor that ended, or was ended, in the middle of an attempt. */
export interface ExecutorEnd {
  readonly pid: number;
  /** The export that it was running. */
  readonly taskName: string;
  /** How the process ended; undefined when it was still there, and was ended because of `problem`. */
  readonly exit: { readonly code: number; readonly signal: string | null } | undefined;
  readonly problem: string;
  /** Why the daemon ended it, if it did. */
  readonly killedFor: "request" | "memory" | undefined;
  /** Undefined: it had none. */
  readonly memoryLimitBytes: number | undefined;
  /** What it had of its own when last looked at. */
  readonly ownBytes: number;
  readonly peakBytes: number;
  /** Whether the kernel killed a process for want of memory in the moment of its end. */
  readonly kernelKilled: boolean;
  /** The last lines of its standard error. */
  readonly lastWords: readonly string[];
}

/** V8, Rust's allocator and C++ say so before they abort. */
const OUT_OF_MEMORY =
  /JavaScript out of memory|process out of memory|OOM error in V8|memory allocation of \d+ bytes failed|std::bad_alloc/;
/** What V8 and Deno print around the line that tells: frames, excerpts of code, rulers. */
const FRAMES = /^(\s|#|====|deno\(|<---|\[\d+:|\d+: 0x)/;
const MAX_LAST_WORDS = 400;

/** PURE: why an attempt failed whose process ended: `out_of_memory` when memory was the reason, whoever found that, else
 * `crashed`; the message has how the process ended, its peak memory and its last words. */
export function describeExecutorEnd(end: ExecutorEnd): TaskError {
  const peak = `Its peak memory was at least ${formatSize(end.peakBytes)}`;
  const words = lastWords(end.lastWords);
  const reason = outOfMemoryReason(end);
  if (reason !== undefined) {
    const limit = end.memoryLimitBytes === undefined
      ? "It had no limit of its own"
      : `Its limit is ${formatSize(end.memoryLimitBytes)} (resources.memoryBytes)`;
    return {
      kind: "out_of_memory",
      name: "OutOfMemory",
      message: `${end.taskName} ran out of memory: ${reason}. ${limit}. ${peak}`,
    };
  }
  return {
    kind: "crashed",
    name: "ExecutorCrashed",
    message: `${end.taskName} lost its process: ${howItEnded(end)}. ${peak}${words}`,
  };
}

function outOfMemoryReason(end: ExecutorEnd): string | undefined {
  const who = `its executor (process ${end.pid})`;
  if (end.killedFor === "memory") return `${who} had ${formatSize(end.ownBytes)} and was killed`;
  if (end.killedFor !== undefined || end.exit === undefined) return undefined;
  if (end.exit.signal === "SIGKILL" && end.kernelKilled) {
    return `the kernel killed ${who} (SIGKILL)`;
  }
  if (end.exit.code === 0) return undefined;
  const said = end.lastWords.find((line) => OUT_OF_MEMORY.test(line));
  if (said === undefined) return undefined;
  return `${who} ended ${by(end.exit)}, saying ${JSON.stringify(said.slice(0, MAX_LAST_WORDS))}`;
}

function howItEnded({ pid, exit, killedFor, problem }: ExecutorEnd): string {
  const who = `its executor (process ${pid})`;
  if (exit === undefined) return `${who} was ended, since it could not be understood: ${problem}`;
  if (killedFor !== undefined) return `${who} was ended on request`;
  if (exit.signal === "SIGKILL") return `${who} was killed by somebody (SIGKILL)`;
  return `${who} ended ${by(exit)}`;
}

function by({ code, signal }: { readonly code: number; readonly signal: string | null }): string {
  return signal === null ? `with exit code ${code}` : `by ${signal}`;
}

function lastWords(lines: readonly string[]): string {
  const telling = lines.filter((line) => line.trim() !== "" && !FRAMES.test(line));
  if (telling.length === 0) return "";
  return `. Its last words: ${telling.slice(-3).join(" ⏎ ").slice(-MAX_LAST_WORDS)}`;
}
