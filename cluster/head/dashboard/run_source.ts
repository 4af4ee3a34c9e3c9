import type { DeploymentSource } from "./deployment_source.ts";
import type { Cost } from "./schemas/cluster.ts";
import type { LedgerState, RunArtifact } from "./schemas/runs.ts";

/** A flow's run as its store tells it, without what the head knows by itself. */
export interface FlowRun {
  readonly runId: string;
  readonly name: string;
  /** For instance Running, Completed, Failed, Cancelled. */
  readonly state: string;
  /** Whether nothing more will happen to it by itself. */
  readonly isEnded: boolean;
  readonly startedAtMs: number;
  readonly endedAtMs: number | undefined;
  /** The run that this one is a part of. */
  readonly parentRunId: string | undefined;
  /** Task runs by what became of them. */
  readonly tasks: {
    readonly done: number;
    readonly cached: number;
    readonly failed: number;
    readonly running: number;
    readonly waiting: number;
  };
}

/** The task runs of one name in a flow's run. */
export interface FlowStage {
  readonly name: string;
  readonly done: number;
  readonly cached: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly running: number;
  readonly waiting: number;
  readonly startedAtMs: number | undefined;
  readonly endedAtMs: number | undefined;
  /** Names of tasks whose results these were given. */
  readonly reads: readonly string[];
}

/** All that a store tells of one run. */
export interface FlowRunDetail extends FlowRun {
  /** JSON where the store has it, else a summary. */
  readonly parameters: string;
  readonly error: string | undefined;
  /** In the order in which they began. */
  readonly stages: readonly FlowStage[];
  readonly transitions: readonly {
    readonly atMs: number;
    readonly from?: string;
    readonly to: string;
    readonly reason: string;
  }[];
  readonly artifacts: readonly RunArtifact[];
  readonly hasLedger: boolean;
  /** What the flow asks people, in its order. */
  readonly approvals: readonly FlowApproval[];
  /** What flow and local tasks wrote to the run's own log, the newest lines; what tasks wrote on nodes the head has. */
  readonly lines: readonly FlowLine[];
}

/** Something that a flow waits for people to decide. */
export interface FlowApproval {
  readonly name: string;
  readonly prompt: string;
  readonly askedAtMs: number;
  /** Undefined: it waits for an answer. */
  readonly decision: "approved" | "rejected" | undefined;
}

/** What a running flow can be asked for. */
export type FlowRequest = "cancel" | "pause" | "resume";

/** A line of a flow's own log. */
export interface FlowLine {
  readonly atMs: number;
  readonly level: string;
  readonly text: string;
}

/** A file of a run. */
export interface RunFile {
  readonly body: ReadableStream<Uint8Array>;
  readonly contentType: string;
  readonly sizeBytes: number;
}

/** Where a dashboard finds flows: the engine knows tasks alone, so its caller hands it this. */
export interface RunSource {
  /** The newest runs first. */
  readonly list: (limit: number) => Promise<readonly FlowRun[]>;
  readonly find: (runId: string) => Promise<FlowRunDetail | undefined>;
  /** A file by the key of its artifact; undefined when there is none. */
  readonly openFile: (runId: string, key: string) => Promise<RunFile | undefined>;
  /** Verifies the run's ledger; undefined when there is none. */
  readonly ledger: (runId: string) => Promise<LedgerState | undefined>;
  /** Asks the process that executes a flow for something. */
  readonly request: (runId: string, request: FlowRequest) => Promise<void>;
  /** Answers what a flow asked.
   * @throws {Error} when it did not, or has its answer */
  readonly decide: (
    runId: string,
    name: string,
    decision: "approved" | "rejected",
  ) => Promise<void>;
  /** Goes on with a run that ended badly; absent where that cannot be done. */
  readonly retry?: (runId: string) => Promise<void>;
}

/** What a head's dashboard shows beside what the head knows. */
export interface DashboardOptions {
  readonly runs?: RunSource;
  readonly deployments?: DeploymentSource;
  /** What the machines cost; undefined where nobody knows. */
  readonly cost?: () => Promise<Cost | undefined>;
  /** Nobody can change anything through the dashboard, whatever the token. */
  readonly isReadOnly?: boolean;
}
