import type { ExecutorStatus } from "../../protocol/status.ts";
import type { LoadView, WorkerView } from "../../scheduler/mod.ts";
import type { Counters } from "./counters.ts";
import type { Histogram } from "./histogram.ts";
import type { Metric, Sample } from "./prometheus_text.ts";

/** What a head measures of itself and of its nodes at the moment of being asked. */
export interface HeadGauges {
  readonly tasksByState: Readonly<Record<string, number>>;
  readonly load: LoadView;
  readonly openAttempts: number;
  readonly workers: readonly WorkerView[];
  /** By the last heartbeats; also of workers that are gone. */
  readonly executors: ReadonlyMap<string, { readonly executors: readonly ExecutorStatus[] }>;
  readonly objects: { readonly count: number; readonly bytes: number };
  readonly refusedConnections: number;
  /** The file of the journal and its write-ahead log. */
  readonly journalBytes: number;
  readonly loopDelaySeconds: Histogram;
  readonly memory: { readonly residentBytes: number; readonly heapBytes: number };
  readonly startedAtSeconds: number;
}

/** PURE: the metrics of a head. Every name begins with `tradewind_`, but for those that every process has; units are
 * seconds and bytes. */
export function headMetrics(counters: Counters, gauges: HeadGauges): Metric[] {
  return [
    ...taskMetrics(counters, gauges),
    ...attemptMetrics(counters, gauges),
    ...workerMetrics(counters, gauges),
    ...headProcessMetrics(counters, gauges),
  ];
}

function taskMetrics(counters: Counters, { tasksByState, load }: HeadGauges): Metric[] {
  return [
    gauge("tradewind_tasks", "Tasks that the head knows.", labelled("state", tasksByState)),
    counter("tradewind_tasks_submitted_total", "Tasks that were submitted.", [
      { value: counters.submittedTasks },
    ]),
    counter(
      "tradewind_tasks_ended_total",
      "Tasks that ended, by outcome.",
      labelled("outcome", counters.endedTasks),
    ),
    gauge("tradewind_queue_length", "Tasks that wait for a worker.", [{ value: load.readyCount }]),
    gauge("tradewind_queue_age_seconds", "How long the first of the queue waits.", [
      { value: load.queueAgeMs / 1e3 },
    ]),
  ];
}

function attemptMetrics(counters: Counters, { openAttempts }: HeadGauges): Metric[] {
  return [
    gauge("tradewind_attempts_in_flight", "Attempts that a worker has.", [{ value: openAttempts }]),
    counter("tradewind_attempts_started_total", "Attempts that were given to a worker.", [
      { value: counters.startedAttempts },
    ]),
    counter(
      "tradewind_attempts_repeated_total",
      "Attempts of tasks of which one had failed or was lost before.",
      [{ value: counters.repeatedAttempts }],
    ),
    counter(
      "tradewind_attempts_ended_total",
      "Attempts that ended, by how.",
      labelled("end", counters.endedAttempts),
    ),
    histogram(
      "tradewind_scheduling_latency_seconds",
      "From ready to assigned to a worker.",
      counters.queueSeconds,
    ),
    histogram(
      "tradewind_start_latency_seconds",
      "From assigned to started by the worker.",
      counters.startSeconds,
    ),
    histogram(
      "tradewind_task_duration_seconds",
      "Of attempts that succeeded or failed, as their executor measured it.",
      counters.durationSeconds,
    ),
  ];
}

function workerMetrics(counters: Counters, gauges: HeadGauges): Metric[] {
  const { workers, load, executors } = gauges;
  const byState: Record<string, number> = { connected: 0, suspected: 0, draining: 0 };
  for (const { state } of workers) byState[state]++;
  const known = workers.map(({ workerId }) => ({
    node: workerId,
    executors: executors.get(workerId)?.executors ?? [],
  }));
  const perNode = (value: (executors: readonly ExecutorStatus[]) => number): Sample[] =>
    known.map(({ node, executors }) => ({ labels: { node }, value: value(executors) }));
  return [
    gauge("tradewind_workers", "Workers, by state.", labelled("state", byState)),
    counter("tradewind_workers_joined_total", "Connections that workers made.", [
      { value: counters.joinedWorkers },
    ]),
    counter("tradewind_workers_dropped_total", "Workers that were given up and cut off.", [
      { value: counters.droppedWorkers },
    ]),
    gauge(
      "tradewind_resource_capacity",
      "Amounts that all workers have.",
      labelled("resource", Object.fromEntries(load.capacity)),
    ),
    gauge(
      "tradewind_resource_reserved",
      "Amounts that are taken by attempts.",
      labelled("resource", Object.fromEntries(load.reserved)),
    ),
    gauge(
      "tradewind_node_resource_capacity",
      "Amounts that a node has.",
      amounts(load, "capacity"),
    ),
    gauge(
      "tradewind_node_resource_reserved",
      "Amounts of a node that are taken by attempts.",
      amounts(load, "reserved"),
    ),
    gauge(
      "tradewind_node_executors",
      "Executor processes that a node has had.",
      perNode((all) => all.length),
    ),
    gauge(
      "tradewind_node_attempts_done",
      "Attempts that the executors of a node have ended.",
      perNode((all) => all.reduce((sum, { tasksDone }) => sum + tasksDone, 0)),
    ),
    gauge(
      "tradewind_node_executor_peak_memory_bytes",
      "The most memory that one executor of a node has had resident.",
      perNode((all) => all.reduce((max, { peakMemoryBytes }) => Math.max(max, peakMemoryBytes), 0)),
    ),
  ];
}

function headProcessMetrics(counters: Counters, gauges: HeadGauges): Metric[] {
  const { objects, refusedConnections, journalBytes, loopDelaySeconds, memory } = gauges;
  const one = (value: number): Sample[] => [{ value }];
  return [
    gauge("tradewind_objects", "Objects that the head holds.", one(objects.count)),
    gauge("tradewind_object_bytes", "Their bytes.", one(objects.bytes)),
    counter(
      "tradewind_connections_refused_total",
      "Requests without the token, and connections that were closed for what came over them.",
      one(refusedConnections),
    ),
    histogram(
      "tradewind_journal_commit_seconds",
      "Time of a batch's transaction.",
      counters.commitSeconds,
    ),
    gauge("tradewind_journal_bytes", "Size of the journal's files.", one(journalBytes)),
    histogram(
      "tradewind_event_loop_delay_seconds",
      "How late the head's timers fire.",
      loopDelaySeconds,
    ),
    gauge("process_resident_memory_bytes", "Resident memory.", one(memory.residentBytes)),
    gauge("process_heap_bytes", "Memory of JavaScript's heap in use.", one(memory.heapBytes)),
    gauge("process_start_time_seconds", "Since the Unix epoch.", one(gauges.startedAtSeconds)),
  ];
}

function amounts(load: LoadView, what: "capacity" | "reserved"): Sample[] {
  return load.workers.flatMap((worker) =>
    [...worker[what]].map(([resource, value]) => ({
      labels: { node: worker.workerId, resource },
      value,
    }))
  );
}

function labelled(label: string, values: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(values).map(([name, value]) => ({ labels: { [label]: name }, value }));
}

function gauge(name: string, help: string, samples: readonly Sample[]): Metric {
  return { type: "gauge", name, help, samples };
}

function counter(name: string, help: string, samples: readonly Sample[]): Metric {
  return { type: "counter", name, help, samples };
}

function histogram(name: string, help: string, histogram: Histogram): Metric {
  return { type: "histogram", name, help, histogram };
}
