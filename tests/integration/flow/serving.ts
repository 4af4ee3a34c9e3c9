import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { openFlowStore, openRunViews } from "../../../mod.ts";
import type { FlowRunRecord } from "../../../src/flow/store/run_records.ts";
import { type CommandResult, RunningCommand } from "../cli.ts";

/** A schedule. */
export const EVERY_MINUTE: readonly string[] = ["--cron", "* * * * *"];
const MINUTE_MS = 60_000;
const WAIT_MS = 120_000;
const POLL_MS = 50;

/** Runs a command of `deno task flow` on an output folder. */
export async function flowCommand(out: string, ...args: string[]): Promise<CommandResult> {
  return await new RunningCommand("flow", [...args, "--out", out], {
    env: { TEST_WEBHOOK_SECRET: "s3cret" },
  }).result();
}

/** Deploys a flow. */
export async function deploy(
  out: string,
  name: string,
  source: string,
  ...rest: string[]
): Promise<void> {
  const { code, stderr } = await flowCommand(out, "deploy", name, source, ...rest);
  assertEquals([code, stderr], [0, ""]);
}

/** Has the schedule of a deployment believe that nobody served it for some minutes. */
export function miss(out: string, name: string, minutes: number): void {
  using store = openFlowStore(join(out, "flow.db"));
  const deployment = store.deployments.require(name);
  const plannedUntilMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - minutes * MINUTE_MS;
  store.deployments.put({ ...deployment, plannedUntilMs });
}

/** The runs of a deployment. */
export function runsOf(out: string, deployment: string): FlowRunRecord[] {
  using reader = openRunViews(join(out, "flow.db"));
  return reader.views.list({ limit: 100 }).filter((run) => run.deployment === deployment);
}

/** Looks until there is something. */
export async function until<T>(what: string, look: () => T | undefined): Promise<T> {
  const limitMs = Date.now() + WAIT_MS;
  while (Date.now() < limitMs) {
    const found = look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`Not within ${WAIT_MS} ms: ${what}`);
}
