import type { ArtifactContent } from "../artifact_content.ts";
import type { RunState } from "../states.ts";

/** A flow run as it is stored. */
export interface FlowRunRecord {
  /** Unique in its store. */
  readonly runId: string;
  /** The run whose function called this one's flow; null for one that was started by itself. */
  readonly parentRunId: string | null;
  /** Of the flow that it is a run of. */
  readonly flowName: string;
  /** A summary for people. */
  readonly parameters: string;
  /** The arguments as a JSON array; null where JSON cannot hold them. */
  readonly arguments: string | null;
  /** URL of the module that exports the flow, where that is known: another process can then execute the run. */
  readonly module: string | null;
  /** Under which the module exports it. */
  readonly exportName: string | null;
  /** The deployment that it is a run of; null when somebody started it by itself. */
  readonly deployment: string | null;
  /** Where it stands. */
  readonly state: RunState;
  /** Why it stands there; "" where the state says it all. */
  readonly reason: string;
  /** How often it was started, the present time included. */
  readonly execution: number;
  /** The process that ran it last; 0 when none has. */
  readonly ownerPid: number;
  /** Milliseconds since the Unix epoch. */
  readonly createdAtMs: number;
  /** When it was started first; null when it was not. */
  readonly startedAtMs: number | null;
  /** When its state changed last: its end, when the state is one. */
  readonly updatedAtMs: number;
}

/** A task run as it is stored. */
export interface TaskRunRecord {
  /** Numbers the task runs of a flow run, over all of its executions, from 1. */
  readonly seq: number;
  /** The execution of the flow run that it belongs to. */
  readonly execution: number;
  /** Of the task that it is a run of. */
  readonly taskName: string;
  /** A summary for people. */
  readonly arguments: string;
  /** The task runs whose results it was given: the edges of the run's graph. */
  readonly needs: readonly number[];
  /** Null for a task whose results are not kept. */
  readonly cacheKey: string | null;
  /** The id that its last attempt has on a cluster; null for one that ran locally, or not. */
  readonly clusterTask: string | null;
  /** Where it stands. */
  readonly state: RunState;
  /** Why it stands there; "" where the state says it all. */
  readonly reason: string;
  /** How many attempts were started. */
  readonly attempt: number;
  /** Milliseconds since the Unix epoch. */
  readonly createdAtMs: number;
  /** When its first attempt began; null when none has. */
  readonly startedAtMs: number | null;
  /** When its state changed last: its end, when the state is one. */
  readonly updatedAtMs: number;
}

/** A change of state as it is stored. */
export interface TransitionRecord {
  /** Numbers the changes of a flow run and its task runs, from 1. */
  readonly n: number;
  /** Null: of the flow run itself. */
  readonly taskSeq: number | null;
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number;
  /** Null: the run was made. */
  readonly from: RunState | null;
  /** The state since then. */
  readonly to: RunState;
  /** "" where the states say it all. */
  readonly reason: string;
}

/** How grave a line of a log is. */
export type LogLevel = "debug" | "info" | "warning" | "error";

/** A line that the code of a flow or of a local task wrote to the run's log. */
export interface LogRecord {
  /** Numbers the lines of a flow run, from 1. */
  readonly n: number;
  /** The task run that wrote it; null: the flow's own function. */
  readonly taskSeq: number | null;
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number;
  /** How grave it is. */
  readonly level: LogLevel;
  /** What was written. */
  readonly message: string;
}

/** Something that a flow or a task made for people to look at. */
export interface ArtifactRecord {
  /** Unique in its store. */
  readonly id: number;
  /** The task run that it belongs to; null: the flow's own function. Of a cached task run these are the artifacts of
   * the run that computed its result. */
  readonly taskSeq: number | null;
  /** Of the task that made it; null: the flow's own function. */
  readonly taskName: string | null;
  /** Unique in its task run. */
  readonly name: string;
  /** What there is to see. */
  readonly content: ArtifactContent;
  /** When it was written last. */
  readonly updatedAtMs: number;
}

/** A question that a run has asked. */
export interface ApprovalRecord {
  /** Unique in its run. */
  readonly name: string;
  /** What is to be approved, for people. */
  readonly prompt: string;
  /** Milliseconds since the Unix epoch. */
  readonly askedAtMs: number;
  /** Null: nobody has decided. */
  readonly decision: "approved" | "rejected" | null;
  /** Of whoever decided, "" where they said nothing. */
  readonly note: string;
  /** Null: nobody has decided. */
  readonly decidedAtMs: number | null;
}
