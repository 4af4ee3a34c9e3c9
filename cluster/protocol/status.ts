import type { ActorView, Resources } from "../scheduler/types.ts";

/** A process of a worker, as its daemon sees it. */
export interface ExecutorStatus {
  /** Its process id on its node. */
  readonly pid: number;
  /** The most memory that it has had resident. */
  readonly peakMemoryBytes: number;
  /** Attempts that it has ended, well or badly. */
  readonly tasksDone: number;
  /** Whether it still runs; of one that ended these are its last numbers. */
  readonly isAlive: boolean;
  /** What its tasks may do other than usual, for instance `net=api.example.com ffi=no`; empty: nothing. */
  readonly permissions: string;
}

/** What the head tells of itself and of its workers. */
export interface ClusterStatus {
  /** The process id of the head. */
  readonly headPid: number;
  /** The most memory that its process has had resident. */
  readonly headPeakMemoryBytes: number;
  /** Connections that were refused or cut off: wrong tokens, bytes that are no messages. */
  readonly refusedConnections: number;
  /** Tasks by state. */
  readonly tasks: Readonly<Record<string, number>>;
  /** What waits for a worker: the first thousand kinds of needs, and for how long the first task of them waits. */
  readonly queue: {
    readonly waiting: readonly { readonly resources: Resources; readonly taskCount: number }[];
    readonly ageMs: number;
  };
  /** Objects that the cluster holds, each counted once, and their bytes. */
  readonly objects: { readonly count: number; readonly sizeBytes: number };
  /** Living actors, the first thousand. */
  readonly actors: readonly ActorView[];
  /** In the order in which the head met them; those that died stay listed. */
  readonly workers: readonly {
    readonly workerId: string;
    readonly state: "connected" | "suspected" | "draining" | "dead";
    readonly capacity: Resources;
    readonly running: number;
    /** Tasks that wait at the worker for its slots. */
    readonly queued: number;
    /** Keys of the code that it fetches and installs. */
    readonly preparing: readonly string[];
    /** Objects in its own store; undefined for one that shares the head's. */
    readonly storedBytes: number | undefined;
    /** What it fetched from other nodes and from the head so far. */
    readonly pulledBytes: number;
    /** Living executors and those that ended. */
    readonly executors: readonly ExecutorStatus[];
  }[];
}
