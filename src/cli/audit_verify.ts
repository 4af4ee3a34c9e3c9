import { join } from "@std/path";
import { closestString } from "@std/text/closest-string";
import { errorMessage, UserError } from "../base/errors.ts";
import { parseRunId } from "../base/ids.ts";
import { type LedgerVerdict, verifyLedger } from "../ledger/mod.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import { type CommandSpec, parseFlags, renderHelp } from "./flags.ts";
import { DEFAULT_OUT } from "./production_arguments.ts";

const COMMAND: CommandSpec = {
  command: "deno task audit:verify",
  summary:
    "Checks the audit ledger of a run: every record's hash, and that it follows from the one before.",
  positionals: ["RUN_ID"],
  flags: [
    {
      name: "out",
      kind: "value",
      placeholder: "DIR",
      help: "The output folder (default: artifacts).",
    },
    { name: "json", kind: "switch", help: "Print the verdict as JSON." },
  ],
  epilogue: ["Exit codes: 0 the ledger is whole · 1 it is broken · 2 the input is bad."],
};

/** Where a command prints: results and messages, line by line. */
export interface Terminal {
  /** A line of the result. */
  out(line: string): void;
  /** A line about what went wrong. */
  err(line: string): void;
}

/** The command `audit:verify`.
 * @param args as on the command line
 * @returns the exit code; what is wrong with the input or the ledger is printed, not thrown */
export async function auditVerify(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const options = readArguments(args);
    if (options === "help") {
      terminal.out(renderHelp(COMMAND).trimEnd());
      return EXIT_CODES.ok;
    }
    const path = join(options.runsFolder, options.runId, "audit.jsonl");
    const verdict = await verify(path, options);
    if (options.isJson) terminal.out(JSON.stringify({ path, ...verdict }));
    else printVerdict(path, verdict, terminal);
    return verdict.ok ? EXIT_CODES.ok : EXIT_CODES.failure;
  } catch (error) {
    terminal.err(errorMessage(error));
    if (!(error instanceof UserError)) return EXIT_CODES.failure;
    if (error.hint !== undefined) terminal.err(error.hint);
    return EXIT_CODES.badInput;
  }
}

interface Options {
  readonly runId: string;
  readonly runsFolder: string;
  readonly isJson: boolean;
}

function readArguments(args: readonly string[]): Options | "help" {
  const { flags, positionals: [runId] } = parseFlags(COMMAND, args);
  if (flags.has("help")) return "help";
  return {
    runId: parseRunId(runId),
    runsFolder: join(flags.get("out") ?? DEFAULT_OUT, "runs"),
    isJson: flags.has("json"),
  };
}

async function verify(path: string, { runId, runsFolder }: Options): Promise<LedgerVerdict> {
  try {
    return await verifyLedger(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound) && !(error instanceof Deno.errors.NotADirectory)) {
      throw error;
    }
    const runIds = await listRunIds(runsFolder);
    const hint = runIds.includes(runId)
      ? "The run is there, but has no audit.jsonl."
      : runIds.length === 0
      ? `There are no runs in ${runsFolder}.`
      : `The nearest run is ${closestString(runId, runIds)}.`;
    throw new UserError(`Cannot verify run ${runId}: there is no ${path}`, { hint, cause: error });
  }
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

function printVerdict(path: string, verdict: LedgerVerdict, terminal: Terminal): void {
  const { ok, records, headHash, firstBad, intentsWithoutOutcome } = verdict;
  terminal.out(`Ledger:    ${path}`);
  terminal.out(`Records:   ${records}${ok ? "" : " good ones, before the first bad one"}`);
  terminal.out(`Head hash: ${headHash}`);
  if (firstBad !== undefined) {
    terminal.err(`The ledger is broken at line ${firstBad.line}: ${firstBad.reason}`);
    return;
  }
  if (intentsWithoutOutcome.length > 0) {
    const [{ step, intent }] = intentsWithoutOutcome as [{ step: string; intent: number }];
    terminal.out(
      `Open:      ${intentsWithoutOutcome.length} steps without an outcome, first ${step} (intent ${intent}): ` +
        "the run is going on, or was killed",
    );
  }
  terminal.out("The ledger is whole.");
}

if (import.meta.main) {
  const encoder = new TextEncoder();
  const exitCode = await auditVerify(Deno.args, {
    out: (line) => Deno.stdout.writeSync(encoder.encode(`${line}\n`)),
    err: (line) => Deno.stderr.writeSync(encoder.encode(`${line}\n`)),
  });
  Deno.exit(exitCode);
}
