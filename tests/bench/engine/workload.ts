/** How much each driver runs; passed to it as JSON, so that all sides run the same. */
export interface Workload {
  /** Single no-op tasks, one after another. */
  readonly sequentialTasks: number;
  /** No-op tasks submitted at once. */
  readonly burstTasks: number;
  /** Inputs of the large map. */
  readonly mapTasks: number;
  /** Tasks that get 1 MB as an argument of their own. */
  readonly valueTasks: number;
  /** Tasks that get one stored 1 MB by its reference. */
  readonly referenceTasks: number;
  /** Tasks that return 10 kB. */
  readonly resultTasks: number;
  /** Leaves of the tree; a power of ten. */
  readonly treeLeaves: number;
  /** The array that is broadcast, in float64 numbers. */
  readonly broadcastNumbers: number;
  /** Tasks that read it. */
  readonly broadcastTasks: number;
  /** Tasks of the recovery row. */
  readonly napTasks: number;
  /** How long each of them takes. */
  readonly napMs: number;
  /** When a worker is killed, from the start of the row. */
  readonly killAfterMs: number;
  /** Calls of an actor, one after another. */
  readonly actorCalls: number;
  /** Calls of an actor, submitted at once. */
  readonly actorBurst: number;
}

/** What the table is made of. */
export const FULL_WORKLOAD: Workload = {
  sequentialTasks: 300,
  burstTasks: 10_000,
  mapTasks: 100_000,
  valueTasks: 200,
  referenceTasks: 2_000,
  resultTasks: 10_000,
  treeLeaves: 10_000,
  broadcastNumbers: 12_500_000,
  broadcastTasks: 8,
  napTasks: 100,
  napMs: 200,
  killAfterMs: 2_000,
  actorCalls: 500,
  actorBurst: 5_000,
};

/** A tenth of the tasks: shows that everything works, not how fast it is. */
export const QUICK_WORKLOAD: Workload = {
  ...FULL_WORKLOAD,
  sequentialTasks: 100,
  burstTasks: 1_000,
  mapTasks: 10_000,
  valueTasks: 20,
  referenceTasks: 200,
  resultTasks: 1_000,
  treeLeaves: 1_000,
  broadcastNumbers: 1_250_000,
  napTasks: 30,
  killAfterMs: 1_000,
  actorCalls: 50,
  actorBurst: 500,
};
