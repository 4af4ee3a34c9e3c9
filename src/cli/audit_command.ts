import { join } from "@std/path";
import { closestString } from "@std/text/closest-string";
import { UserError } from "../base/errors.ts";
import { parseRunId } from "../base/ids.ts";
import type { FlagSpec, ParsedFlags } from "./flags.ts";
import { DEFAULT_OUT } from "./production_arguments.ts";

/** Where runs are. */
export const OUT_FLAG: FlagSpec = {
  name: "out",
  kind: "value",
  placeholder: "DIR",
  help: "The output folder (default: artifacts).",
};

/** The ledger that a command is about. */
export interface RunLedger {
  readonly runId: string;
  readonly path: string;
  /** The output folder. */
  readonly out: string;
}

/** Finds the ledger of the run that was named.
 * @throws {UserError} when there is none, with the nearest run's id */
export async function findRunLedger(
  { flags, positionals: [run] }: ParsedFlags,
): Promise<RunLedger> {
  const runId = parseRunId(run);
  const out = flags.get("out") ?? DEFAULT_OUT;
  const runsFolder = join(out, "runs");
  const path = join(runsFolder, runId, "audit.jsonl");
  try {
    await Deno.stat(path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory)) {
      throw cause;
    }
    const hint = hintOf(runId, await listRunIds(runsFolder), runsFolder);
    throw new UserError(
      "run/not-found",
      `Cannot find the ledger of run ${runId}: there is no ${path}`,
      {
        hint,
        cause,
      },
    );
  }
  return { runId, path, out };
}

function hintOf(runId: string, runIds: readonly string[], runsFolder: string): string {
  if (runIds.includes(runId)) return "The run is there, but has no audit.jsonl.";
  if (runIds.length === 0) return `There are no runs in ${runsFolder}.`;
  return `The nearest run is ${closestString(runId, runIds)}.`;
}

async function listRunIds(runsFolder: string): Promise<string[]> {
  const runIds: string[] = [];
  try {
    for await (const entry of Deno.readDir(runsFolder)) {
      if (entry.isDirectory) runIds.push(entry.name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return runIds.sort();
}

/** A flag that has to be a whole number from 1.
 * @returns undefined when it was not given
 * @throws {UserError} when it is none */
export function countFlag({ flags }: ParsedFlags, name: string): number | undefined {
  const text = flags.get(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new UserError(
    "command/bad-value",
    `Cannot use --${name} ${JSON.stringify(text)}: a whole number from 1 is expected`,
  );
}
