import { z } from "zod";

const timeMs = z.number().describe("Milliseconds since the Unix epoch");

/** A task that the head knows. */
const taskRow = z.object({
  taskId: z.string(),
  name: z.string(),
  runId: z.string(),
  state: z.string(),
  nodeId: z.string().optional(),
  submittedAtMs: timeMs,
  finishedAtMs: timeMs.optional(),
  failures: z.number().int(),
  losses: z.number().int(),
  error: z.string().optional(),
});
/** See {@linkcode taskRow}. */
export type TaskRow = z.infer<typeof taskRow>;

/** A page of the tasks that the head knows, in the order in which they came; what ended and was fetched is forgotten. */
export const tasks = z.object({
  total: z.number().int().describe("Of those that are wanted"),
  known: z.number().int().describe("Of all"),
  offset: z.number().int(),
  rows: z.array(taskRow),
});
/** See {@linkcode tasks}. */
export type Tasks = z.infer<typeof tasks>;

/** An attempt that ended. */
export const attemptRow = z.object({
  taskId: z.string(),
  attemptId: z.number().int(),
  name: z.string(),
  runId: z.string(),
  nodeId: z.string(),
  end: z.enum(["succeeded", "failed", "timed_out", "cancelled", "recalled", "lost"]),
  readyAtMs: timeMs,
  startedAtMs: timeMs.optional(),
  endedAtMs: timeMs,
  durationMs: z.number(),
  cause: z.string().optional(),
});
/** See {@linkcode attemptRow}. */
export type AttemptRow = z.infer<typeof attemptRow>;

/** A page of the attempts that ended, the newest first. */
export const attempts = z.object({
  total: z.number().int().describe("Of those that are wanted"),
  offset: z.number().int(),
  rows: z.array(attemptRow),
});
/** See {@linkcode attempts}. */
export type Attempts = z.infer<typeof attempts>;

/** One task: where it stands, what it waits for, its transitions with their causes, its attempts. */
export const taskDetail = z.object({
  taskId: z.string(),
  name: z.string(),
  runId: z.string(),
  state: z.string().describe("`forgotten` once its outcome was fetched"),
  priority: z.number().optional(),
  resources: z.record(z.string(), z.number()).optional(),
  submittedAtMs: timeMs,
  readyAtMs: timeMs.optional(),
  finishedAtMs: timeMs.optional(),
  failures: z.number().int(),
  losses: z.number().int(),
  error: z.object({
    kind: z.string(),
    name: z.string(),
    message: z.string(),
    stack: z.string().optional(),
  }).optional(),
  live: z.array(z.object({
    attemptId: z.number().int(),
    nodeId: z.string(),
    isStarted: z.boolean(),
  })),
  blockers: z.array(z.object({ taskId: z.string(), state: z.string() })),
  story: z.array(z.object({
    atMs: timeMs,
    from: z.string(),
    to: z.string(),
    cause: z.string(),
  })),
  attempts: z.array(attemptRow),
});
/** See {@linkcode taskDetail}. */
export type TaskDetail = z.infer<typeof taskDetail>;
