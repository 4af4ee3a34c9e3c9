import type { AttemptRecord } from "../../../cluster/head/telemetry/attempt_record.ts";
import { layOut } from "./layout.ts";
import type { Row, Slice } from "./layout.ts";

/** An event of the format that chrome://tracing and Perfetto read; times are microseconds. */
export type TraceEvent =
  | {
    readonly ph: "M";
    readonly name: "process_name" | "thread_name";
    readonly pid: number;
    readonly tid: number;
    readonly args: { readonly name: string };
  }
  | {
    readonly ph: "X";
    readonly name: string;
    readonly cat: string;
    readonly pid: number;
    readonly tid: number;
    readonly ts: number;
    readonly dur: number;
    readonly args: Readonly<Record<string, unknown>>;
  }
  | {
    readonly ph: "s" | "f";
    readonly name: "dependency";
    readonly cat: "dependency";
    readonly id: number;
    readonly pid: number;
    readonly tid: number;
    readonly ts: number;
    /** At the end of an arrow: it binds to the slice that encloses its time. */
    readonly bp?: "e";
  };

/** A whole trace. */
export interface ChromeTrace {
  readonly displayTimeUnit: "ms";
  readonly traceEvents: readonly TraceEvent[];
}

interface Place {
  readonly pid: number;
  readonly tid: number;
  readonly slice: Slice;
}

/** PURE: the trace of attempts: a process a node, a thread an executor, a slice an attempt, an arrow from each dependency
 * to the attempt that read it. Times count from the first submission.
 * Source: "Trace Event Format", Google, 2016. */
export function chromeTrace(records: readonly AttemptRecord[]): ChromeTrace {
  const originMs = records.reduce(
    (min, { submittedAtMs }) => Math.min(min, submittedAtMs),
    Infinity,
  );
  const rows = layOut(records);
  const nodes = [...new Set(rows.map(({ workerId }) => workerId))];
  const places = rows.flatMap((row, i) =>
    row.slices.map((slice): Place => ({ pid: nodes.indexOf(row.workerId) + 1, tid: i + 1, slice }))
  );
  return {
    displayTimeUnit: "ms",
    traceEvents: [
      ...nodes.map((node, i) => nameOf("process_name", i + 1, 0, `node ${node}`)),
      ...rows.map((row: Row, i) =>
        nameOf("thread_name", nodes.indexOf(row.workerId) + 1, i + 1, row.label)
      ),
      ...places.map((place) => sliceEvent(place, originMs)),
      ...arrows(places, originMs),
    ],
  };
}

function nameOf(
  name: "process_name" | "thread_name",
  pid: number,
  tid: number,
  text: string,
): TraceEvent {
  return { ph: "M", name, pid, tid, args: { name: text } };
}

function sliceEvent({ pid, tid, slice }: Place, originMs: number): TraceEvent {
  const { record, startMs, endMs } = slice;
  return {
    ph: "X",
    name: record.name,
    cat: record.end,
    pid,
    tid,
    ts: microseconds(startMs - originMs),
    dur: microseconds(endMs - startMs),
    args: {
      task: record.taskId,
      attempt: record.attemptId,
      run: record.runId,
      end: record.end,
      waited_for_dependencies_ms: record.readyAtMs - record.submittedAtMs,
      waited_for_worker_ms: record.assignedAtMs - record.readyAtMs,
      ...(record.cause === undefined ? {} : { cause: record.cause }),
    },
  };
}

function arrows(places: readonly Place[], originMs: number): TraceEvent[] {
  const finished = new Map<string, Place>();
  for (const place of places) {
    if (place.slice.record.end === "succeeded") finished.set(place.slice.record.taskId, place);
  }
  const events: TraceEvent[] = [];
  let id = 0;
  for (const place of places) {
    for (const dependency of place.slice.record.dependencies) {
      const source = finished.get(dependency);
      if (source === undefined) continue;
      id++;
      const arrow = { name: "dependency", cat: "dependency", id } as const;
      const end = (at: Place, ms: number) =>
        ({ pid: at.pid, tid: at.tid, ts: microseconds(ms - originMs) }) as const;
      events.push({ ph: "s", ...arrow, ...end(source, source.slice.endMs) });
      events.push({ ph: "f", bp: "e", ...arrow, ...end(place, place.slice.startMs) });
    }
  }
  return events;
}

function microseconds(ms: number): number {
  return Math.round(ms * 1_000_000) / 1_000;
}
