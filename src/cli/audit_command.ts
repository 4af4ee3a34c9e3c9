import { join } from "@std/path";
import { closestString } from "@std/text/closest-string";
import { errorMessage, UserError } from "../base/errors.ts";
import { parseRunId } from "../base/ids.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import {
  type CommandSpec,
  type FlagSpec,
  type ParsedFlags,
  parseFlags,
  renderHelp,
} from "./flags.ts";
import { DEFAULT_OUT } from "./production_arguments.ts";

/** Where a command prints: results and messages, line by line. */
export interface Terminal {
  /** A line of the result. */
  out(line: string): void;
  /** A line about what went wrong. */
  err(line: string): void;
}

/** A command about the ledger of a run. */
export interface AuditCommand {
  readonly spec: CommandSpec;
  /** One line, for the list of commands. */
  readonly brief: string;
  /** @returns the exit code
   * @throws {UserError} for input that cannot be used */
  readonly run: (parsed: ParsedFlags, terminal: Terminal) => Promise<number>;
}

/** Where runs are. */
export const OUT_FLAG: FlagSpec = {
  name: "out",
  kind: "value",
  placeholder: "DIR",
  help: "The output folder (default: artifacts).",
};

/** Runs a command.
 * @param args as on the command line, after the command's name
 * @returns the exit code; what is wrong with the input or the ledger is printed, not thrown */
export async function runAuditCommand(
  { spec, run }: AuditCommand,
  args: readonly string[],
  terminal: Terminal,
): Promise<number> {
  try {
    const parsed = parseFlags(spec, args);
    if (!parsed.flags.has("help")) return await run(parsed, terminal);
    terminal.out(renderHelp(spec).trimEnd());
    return EXIT_CODES.ok;
  } catch (error) {
    return printFailure(error, terminal);
  }
}

/** Prints why a command could not be run.
 * @returns the exit code for it */
export function printFailure(error: unknown, terminal: Terminal): number {
  terminal.err(errorMessage(error));
  if (!(error instanceof UserError)) return EXIT_CODES.failure;
  if (error.hint !== undefined) terminal.err(error.hint);
  return EXIT_CODES.badInput;
}

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
    throw new UserError(`Cannot find the ledger of run ${runId}: there is no ${path}`, {
      hint,
      cause,
    });
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
    `Cannot use --${name} ${JSON.stringify(text)}: a whole number from 1 is expected`,
  );
}
