import { z } from "zod";

const timeMs = z.number().describe("Milliseconds since the Unix epoch");

/** A run in a list: a flow's, or whatever tasks share a run's id on this head. */
const runRow = z.object({
  runId: z.string(),
  name: z.string().describe("The flow's; empty for tasks without one"),
  state: z.string().describe("A flow's state; of other runs Running or Ended"),
  isFlow: z.boolean(),
  startedAtMs: timeMs.optional().describe("Absent while none of its attempts has ended"),
  endedAtMs: timeMs.optional(),
  done: z.number().int().describe("Tasks that ended well, cached ones included"),
  cached: z.number().int(),
  failed: z.number().int(),
  running: z.number().int(),
  waiting: z.number().int(),
  parentRunId: z.string().optional().describe("The run that this one is a part of"),
});
/** See {@linkcode runRow}. */
export type RunRow = z.infer<typeof runRow>;

/** A page of runs, the newest first. */
export const runs = z.object({
  total: z.number().int().describe("Of those that are wanted"),
  states: z.record(z.string(), z.number().int()).describe("All runs by state"),
  rows: z.array(runRow),
});
/** See {@linkcode runs}. */
export type Runs = z.infer<typeof runs>;

/** All tasks of one name in a run. */
const runStage = z.object({
  name: z.string(),
  state: z.enum(["waiting", "running", "done", "failed", "cancelled"]),
  done: z.number().int(),
  cached: z.number().int(),
  failed: z.number().int(),
  running: z.number().int(),
  waiting: z.number().int(),
  startedAtMs: timeMs.optional(),
  endedAtMs: timeMs.optional(),
  busyMs: z.number().describe("Sum over its attempts"),
});
/** See {@linkcode runStage}. */
export type RunStage = z.infer<typeof runStage>;

/** `data`: results were passed on · `order`: the one began when the other had ended. */
const runEdge = z.object({
  from: z.string(),
  to: z.string(),
  kind: z.enum(["data", "order"]),
});
/** See {@linkcode runEdge}. */
export type RunEdge = z.infer<typeof runEdge>;

/** Something that a run left behind for people. */
export interface RunArtifact {
  readonly key: string;
  readonly kind: "file" | "report" | "table" | "markdown" | "link" | "progress" | "image";
  readonly title: string;
  readonly task?: string | undefined;
  readonly sizeBytes?: number | undefined;
  /** Of Markdown, and the address of a link. */
  readonly text?: string | undefined;
  readonly columns?: string[] | undefined;
  /** The first ones. */
  readonly rows?: string[][] | undefined;
  /** How many rows there are. */
  readonly rowCount?: number | undefined;
  /** Of progress, from 0 to 1. */
  readonly fraction?: number | undefined;
}

/** See {@linkcode RunArtifact}. */
const runArtifact: z.ZodType<RunArtifact> = z.object({
  key: z.string(),
  kind: z.enum(["file", "report", "table", "markdown", "link", "progress", "image"]),
  title: z.string(),
  task: z.string().optional(),
  sizeBytes: z.number().optional(),
  text: z.string().optional().describe("Of markdown, and the address of a link"),
  columns: z.array(z.string()).optional(),
  rows: z.array(z.array(z.string())).optional().describe("The first ones"),
  rowCount: z.number().int().optional().describe("How many rows there are"),
  fraction: z.number().optional().describe("Of progress, from 0 to 1"),
});

/** The audit ledger of a run. */
export interface LedgerState {
  /** `open`: intents have no outcome yet. */
  readonly verdict: "intact" | "broken" | "open";
  readonly records: number;
  readonly headHash: string;
  readonly detail: string;
}

/** See {@linkcode LedgerState}. */
export const ledgerState: z.ZodType<LedgerState> = z.object({
  verdict: z.enum(["intact", "broken", "open"]).describe("open: intents have no outcome yet"),
  records: z.number().int(),
  headHash: z.string(),
  detail: z.string(),
});
/** One run. */
export const runDetail = runRow.extend({
  parameters: z.string().describe("JSON, or a summary for people"),
  error: z.string().optional(),
  stages: z.array(runStage),
  edges: z.array(runEdge),
  transitions: z.array(z.object({
    atMs: timeMs,
    from: z.string().optional(),
    to: z.string(),
    reason: z.string(),
  })).describe("Of the run itself, the newest 50"),
  artifacts: z.array(runArtifact),
  approvals: z.array(z.object({
    name: z.string(),
    prompt: z.string(),
    askedAtMs: timeMs,
    decision: z.enum(["approved", "rejected"]).optional().describe("Absent: it waits for one"),
  })),
  lines: z.array(z.object({ atMs: timeMs, level: z.string(), text: z.string() })).describe(
    "Of the flow's own log, the newest",
  ),
  hasLedger: z.boolean(),
  canCancel: z.boolean(),
  canRetry: z.boolean(),
  canPause: z.boolean(),
  canResume: z.boolean(),
});
/** See {@linkcode runDetail}. */
export type RunDetail = z.infer<typeof runDetail>;

/** Attempts over time, one row a node: bars while they are few, else how busy each node was in each column. */
export const timeline = z.object({
  fromMs: timeMs,
  toMs: timeMs,
  attempts: z.number().int(),
  names: z.array(z.string()),
  nodes: z.record(
    z.string(),
    z.object({
      lanes: z.number().int().describe("Attempts that ran at a time, at most"),
      bars: z.array(z.array(z.number())).optional().describe(
        "Lane, start and end from fromMs in ms, index of the name, state: 0 well · 1 badly · 2 runs",
      ),
      busy: z.string().optional().describe("A base-36 digit a column: 0 idle to z full"),
      failed: z.string().optional().describe("A base-36 digit a column: attempts that ended badly"),
    }),
  ),
  columnMs: z.number().optional().describe("Of `busy` and `failed`"),
});
/** See {@linkcode timeline}. */
export type Timeline = z.infer<typeof timeline>;
