/** One row of the table. */
export interface Row {
  /** The name under which drivers report it. */
  readonly id: string;
  /** What people read. */
  readonly label: string;
  readonly unit: string;
  readonly better: "lower" | "higher";
}

/** All rows, in the order of the table. Ids that end in `Mb` are memory, in 10^6 bytes. */
export const ROWS: readonly Row[] = [
  { id: "firstResultMs", label: "process start to first result", unit: "ms", better: "lower" },
  { id: "noopP50Ms", label: "one no-op task, p50", unit: "ms", better: "lower" },
  { id: "noopP99Ms", label: "one no-op task, p99", unit: "ms", better: "lower" },
  { id: "burstPerS", label: "no-op tasks at once", unit: "tasks/s", better: "higher" },
  { id: "valuePerS", label: "1 MB argument by value", unit: "tasks/s", better: "higher" },
  { id: "referencePerS", label: "1 MB argument by reference", unit: "tasks/s", better: "higher" },
  { id: "resultsPerS", label: "results of 10 kB", unit: "tasks/s", better: "higher" },
  { id: "treePerS", label: "fan-in tree, fan 10", unit: "tasks/s", better: "higher" },
  { id: "broadcastMs", label: "array broadcast to 8 tasks", unit: "ms", better: "lower" },
  { id: "actorP50Ms", label: "one actor call, p50", unit: "ms", better: "lower" },
  { id: "actorPerS", label: "actor calls at once", unit: "calls/s", better: "higher" },
  { id: "mapPerS", label: "large map", unit: "tasks/s", better: "higher" },
  { id: "mapHeadPeakMb", label: "… peak of driver and head", unit: "MB", better: "lower" },
  { id: "mapTotalPeakMb", label: "… peak of all processes", unit: "MB", better: "lower" },
  { id: "napMs", label: "short sleeps", unit: "ms", better: "lower" },
  { id: "napKilledMs", label: "… with a worker killed", unit: "ms", better: "lower" },
  { id: "idleMb", label: "idle memory of all processes", unit: "MB", better: "lower" },
  { id: "idleProcesses", label: "idle processes", unit: "", better: "lower" },
];
