import type { Resources } from "../scheduler/types.ts";

/** A process of a worker, as its daemon sees it. */
export interface ExecutorStatus {
  readonly pid: number;
  readonly peakMemoryBytes: number;
  readonly tasksDone: number;
}

/** What the head tells of itself and of its workers. */
export interface ClusterStatus {
  readonly headPid: number;
  readonly headPeakMemoryBytes: number;
  /** Connections that were refused or cut off: wrong tokens, bytes that are no messages. */
  readonly refusedConnections: number;
  /** Tasks by state. */
  readonly tasks: Readonly<Record<string, number>>;
  readonly workers: readonly {
    readonly workerId: string;
    readonly state: "connected" | "suspected" | "draining" | "dead";
    readonly capacity: Resources;
    readonly running: number;
    /** Tasks that wait at the worker for its slots. */
    readonly queued: number;
    /** Living executors and those that ended. */
    readonly executors: readonly ExecutorStatus[];
  }[];
}
