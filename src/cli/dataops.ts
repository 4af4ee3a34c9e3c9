import { closestString } from "@std/text/closest-string";
import { systemClock } from "../base/clock.ts";
import { errorMessage, UserError } from "../base/errors.ts";
import { lockForWriting } from "../base/writer_lock.ts";
import { print, printError, runCommand } from "./command.ts";
import { openDataOps } from "./dataops/setup.ts";
import { type StepOutcome, STEPS } from "./dataops/steps.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import type { CommandSpec, ParsedFlags } from "./flags.ts";
import type { ProgressReporter } from "./progress/display.ts";
import { reportStage } from "./progress/report_stage.ts";
import { openStderrDisplay } from "./progress/stderr_display.ts";

const MAX_NAMED_FAILURES = 10;
const RUN = "run";

const SPEC: CommandSpec = {
  command: "deno task dataops",
  summary:
    "Fills the lakehouse that a profile names as its prices; nothing else writes there.\n\n" +
    [[RUN, "all of these, one after the other"], ...Object.entries(STEPS)].map(([name, step]) =>
      `  ${String(name).padEnd(10)}${typeof step === "string" ? step : step.brief}`
    ).join("\n"),
  positionals: ["COMMAND"],
  flags: [
    {
      name: "manifest",
      kind: "value",
      placeholder: "FILE",
      help: "Manifest in JSONC (default: the bundled one).",
    },
    {
      name: "profile",
      kind: "value",
      placeholder: "NAME",
      help: "Profile of the manifest (default: its own default).",
    },
    {
      name: "lakehouse",
      kind: "value",
      placeholder: "DIR",
      help: "The lakehouse (default: what the profile names as prices).",
    },
    { name: "dry-run", kind: "switch", help: "Write nothing; show what would be asked for." },
    { name: "json", kind: "switch", help: "Print the result as JSON on standard output." },
    { name: "quiet", kind: "switch", help: "Show no progress." },
  ],
  epilogue: [
    [
      "A profile for it, in the manifest:",
      '  "prices": "lake",                                  the folder of the lakehouse',
      '  "sources": { "coins": { "type": "binance" },       or stooq, yahoo; with url, requests_per_second, burst,',
      "                                                     exchange, calendar, asset_type, fee_bps",
      '               "eod": { "type": "files", "files": "eod/*.csv" } },',
      '  "discovery": { "scanners": [{ "source": "coins", "quote": "USDT", "min_volume_24h": 1e7, "max": 50 },',
      '                              { "source": "eod", "symbols": ["AAPL"], "exclude": [] }] },',
      '  "data": { "interval": "1d", "lookback_days": 500 }, so many bars and 100 more are kept up to date',
      '  "storage": { "keep_versions": 10, "keep_days": 30 } of versions that are both old and many, the rest goes',
    ].join("\n"),
    "What was fetched is never fetched again: a command that was stopped goes on where it was when it is run again.",
    "Exit codes: 0 done · 1 some symbols failed · 2 bad input · 130 stopped by Ctrl-C.",
  ],
};

/** The command `dataops`.
 * @returns the exit code */
async function main(parsed: ParsedFlags): Promise<number> {
  const names = stepsOf(parsed.positionals[0]);
  const isDryRun = parsed.flags.has("dry-run");
  const ops = await openDataOps(parsed);
  if (!isDryRun) await Deno.mkdir(ops.lake.dir, { recursive: true });
  const lock = isDryRun ? undefined : lockForWriting(`${ops.lake.dir}/dataops`, {
    subject: "the lakehouse",
    hint: "Data operations have one writer at a time: wait until that one has ended.",
  });
  const abort = new AbortController();
  const stop = () => abort.abort(new Error("it was interrupted"));
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, stop);
  const display = openStderrDisplay({ quiet: parsed.flags.has("quiet"), clock: systemClock });
  const startedAtMs = systemClock.nowMs();
  const outcomes: Record<string, StepOutcome> = {};
  try {
    display.report({ type: "RunStarted", stages: names });
    for (const name of names) {
      outcomes[name] = await runStep(name, { ...ops, isDryRun, signal: abort.signal }, display);
    }
    display.report({ type: "RunFinished", durationMs: systemClock.nowMs() - startedAtMs });
  } catch (error) {
    if (!abort.signal.aborted) {
      display.report({ type: "RunFailed", message: errorMessage(error) });
      throw error;
    }
    display.report({ type: "RunCancelled", reason: "interrupted" });
    display[Symbol.dispose]();
    printError("What has come is kept. Go on by the same command.");
    return EXIT_CODES.interrupted;
  } finally {
    display[Symbol.dispose]();
    lock?.release();
  }
  return printOutcomes(outcomes, ops.lake.dir, parsed.flags.has("json"));
}

/** @throws {UserError} for a command that does not exist */
function stepsOf(command: string): readonly string[] {
  if (command === RUN) return Object.keys(STEPS);
  if (Object.hasOwn(STEPS, command)) return [command];
  throw new UserError(
    "command/unknown",
    `Cannot run dataops ${command}: there is no such command`,
    {
      hint: `The nearest one is ${
        closestString(command, [RUN, ...Object.keys(STEPS)])
      }. See ${SPEC.command} --help.`,
    },
  );
}

async function runStep(
  name: string,
  context: Omit<Parameters<typeof STEPS[string]["run"]>[0], "onProgress">,
  display: ProgressReporter,
): Promise<StepOutcome> {
  return await reportStage(
    { reporter: display, clock: systemClock },
    name,
    (onProgress) => STEPS[name].run({ ...context, onProgress }),
    ({ detail }) => detail,
  );
}

function printOutcomes(
  outcomes: Readonly<Record<string, StepOutcome>>,
  lakehouse: string,
  isJson: boolean,
): number {
  const failed = Object.values(outcomes).flatMap((outcome) => outcome.failed);
  if (isJson) {
    const steps = Object.fromEntries(
      Object.entries(outcomes).map(([name, { detail, result }]) => [name, { detail, ...result }]),
    );
    print(`${JSON.stringify({ lakehouse, failed, steps })}\n`);
  } else {
    for (const [name, { detail }] of Object.entries(outcomes)) {
      print(`${name.padEnd(9)} ${detail}\n`);
    }
    for (const { symbol, reason } of failed.slice(0, MAX_NAMED_FAILURES)) {
      printError(`${symbol} failed: ${reason}`);
    }
    if (failed.length > MAX_NAMED_FAILURES) {
      printError(`… and ${failed.length - MAX_NAMED_FAILURES} more; --json names all.`);
    }
    print(`lakehouse ${lakehouse}\n`);
  }
  return failed.length === 0 ? EXIT_CODES.ok : EXIT_CODES.failure;
}

if (import.meta.main) await runCommand(SPEC, main);
