import { z } from "zod";

const timeMs = z.number().describe("Milliseconds since the Unix epoch");

/** A flow with its arguments under a name. */
export interface DeploymentRow {
  readonly name: string;
  readonly flowName: string;
  readonly arguments: string;
  /** `on`: its schedule makes runs · `paused`: not for now · `by hand`: it has no schedule. */
  readonly state: "on" | "paused" | "by hand";
  readonly schedule: string;
  readonly nextAtMs?: number | undefined;
  readonly openRuns: number;
  readonly lastRun?: {
    readonly runId: string;
    readonly state: string;
    readonly atMs: number;
  } | undefined;
}

const deploymentRow: z.ZodType<DeploymentRow> = z.object({
  name: z.string(),
  flowName: z.string(),
  arguments: z.string().describe("A JSON array"),
  state: z.enum(["on", "paused", "by hand"]),
  schedule: z.string().describe("In words"),
  nextAtMs: timeMs.optional().describe("When its schedule makes the next run; absent: never"),
  openRuns: z.number().int().describe("Runs that have not ended, those that wait included"),
  lastRun: z.object({ runId: z.string(), state: z.string(), atMs: timeMs }).optional(),
});

/** All deployments by name. */
export const deployments = z.object({
  isServed: z.boolean().describe("Whether this head runs schedules itself"),
  deployments: z.record(z.string(), deploymentRow),
});
/** See {@linkcode deployments}. */
export type Deployments = z.infer<typeof deployments>;
