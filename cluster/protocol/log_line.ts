/** A line that a task wrote. */
export interface OutputLine {
  readonly stream: "stdout" | "stderr";
  /** When the daemon read it: UTC, ISO 8601 with milliseconds. */
  readonly time: string;
  /** The worker that ran the task. */
  readonly node: string;
  /** The run that the task belongs to. */
  readonly run: string;
  readonly task: string;
  /** 1 for the first. */
  readonly attempt: number;
  /** What the task does, as its submitter calls it. */
  readonly name: string;
  /** Without its end. */
  readonly text: string;
}

/** What a worker or the head itself has to say to people. */
export interface NoticeLine {
  readonly stream: "notice";
  readonly time: string;
  /** A worker, or `head`. */
  readonly node: string;
  readonly text: string;
}

/** A line of the cluster's log, as it is stored and sent: one JSON object. */
export type LogLine = OutputLine | NoticeLine;

/** A line as the head keeps it: `seq` rises by at least 1 from line to line, over restarts of the head too. */
export type StoredLine = LogLine & { readonly seq: number };
