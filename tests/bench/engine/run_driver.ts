import { delay } from "@std/async/delay";
import type { Contender } from "./contenders.ts";
import { killAll, processTree, resetPeaks } from "./process_tree.ts";
import type { TreeProcess } from "./process_tree.ts";
import type { Workload } from "./workload.ts";

/** Values by row; rows that an engine does not have are absent. */
export type Sample = Record<string, number>;

type DriverLine =
  | { readonly event: "FirstResult" }
  | { readonly event: "Measured"; readonly values: Sample }
  | { readonly event: "Observe"; readonly moment: "Idle" | "MapStarts" | "MapEnded" };

const SETTLE_MS = 2_000;
const TIME_LIMIT_MS = 20 * 60_000;
const KEPT_ERROR_CHARACTERS = 4_000;

/** Runs one driver in a process of its own, from start to end, and looks at its processes where it asks for that.
 * @throws {Error} when it ends with an error or takes longer than 20 minutes; all its processes are then killed */
export async function runDriver(contender: Contender, workload: Workload): Promise<Sample> {
  const [program, ...args] = contender.command;
  const startMs = performance.now();
  const process = new Deno.Command(program, {
    args: [...args, JSON.stringify(workload)],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const limit = setTimeout(() => killAll(processTree(process.pid)), TIME_LIMIT_MS);
  const errors = lastCharacters(process.stderr);
  const answers = process.stdin.getWriter();
  const sample: Sample = {};
  try {
    for await (const line of driverLines(process.stdout)) {
      if (line.event === "FirstResult") sample.firstResultMs = performance.now() - startMs;
      else if (line.event === "Measured") Object.assign(sample, line.values);
      else {
        Object.assign(sample, await observe(line.moment, process.pid, contender));
        await answers.write(new TextEncoder().encode("\n"));
      }
    }
    const { code, signal } = await process.status;
    if (code === 0) return sample;
    throw new Error(`${contender.id} ended with ${signal ?? `exit code ${code}`}: ${await errors}`);
  } finally {
    clearTimeout(limit);
    killAll(processTree(process.pid));
    await answers.close().catch(() => {});
  }
}

async function observe(moment: string, pid: number, contender: Contender): Promise<Sample> {
  if (moment === "Idle") await delay(SETTLE_MS);
  const processes = processTree(pid);
  if (moment === "MapStarts") resetPeaks(processes);
  if (moment === "MapEnded") {
    const head = processes.filter((process) =>
      process.pid === pid || contender.headProcesses?.test(process.command)
    );
    return {
      mapHeadPeakMb: megabytes(head, "peakBytes"),
      mapTotalPeakMb: megabytes(processes, "peakBytes"),
    };
  }
  if (moment !== "Idle") return {};
  return { idleMb: megabytes(processes, "residentBytes"), idleProcesses: processes.length };
}

function megabytes(
  processes: readonly TreeProcess[],
  field: "peakBytes" | "residentBytes",
): number {
  return processes.reduce((sum, process) => sum + process[field], 0) / 1e6;
}

/** The driver's own lines; what else lands on its standard output is passed over. */
async function* driverLines(output: ReadableStream<Uint8Array>): AsyncGenerator<DriverLine> {
  let rest = "";
  for await (const text of output.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (/^{"event": ?"/.test(line)) yield JSON.parse(line);
    }
  }
}

async function lastCharacters(output: ReadableStream<Uint8Array>): Promise<string> {
  let kept = "";
  for await (const text of output.pipeThrough(new TextDecoderStream())) {
    kept = (kept + text).slice(-KEPT_ERROR_CHARACTERS);
  }
  return kept;
}
