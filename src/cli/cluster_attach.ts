import { attach } from "../../cluster/client/mod.ts";
import { HEAD_FLAGS, readClusterAddress } from "./cluster_address.ts";
import { print, printError, runCommand } from "./command.ts";
import { parseDurationMs } from "./durations.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import type { CommandSpec, ParsedFlags } from "./flags.ts";
import { renderLogLine } from "./log_text.ts";
import { untilSignal } from "./until_signal.ts";

const COMMAND: CommandSpec = {
  command: "deno task cluster:attach",
  summary:
    "Follows the log of a cluster: what tasks write, and what workers and the head have to say. A connection\n" +
    "that breaks is made again; no line is left out or shown twice.",
  positionals: [],
  flags: [
    ...HEAD_FLAGS,
    { name: "run", kind: "value", placeholder: "ID", help: "Lines of one run." },
    {
      name: "task",
      kind: "value",
      placeholder: "TASK",
      help: "Lines of one task, by its id, or of all tasks of a name.",
    },
    {
      name: "node",
      kind: "value",
      placeholder: "NODE",
      help: "Lines of one worker, or of the head.",
    },
    {
      name: "since",
      kind: "value",
      placeholder: "TIME",
      help: "How far back to begin, for instance 30s, 2h, 1d (default: 10m).",
    },
    { name: "json", kind: "switch", help: "Print each line as a JSON object." },
    { name: "no-follow", kind: "switch", help: "End with the last line that there is." },
  ],
  epilogue: [
    "Of the past it shows 10,000 lines at most. Colours are left out where NO_COLOR is set or the output is no terminal.",
    "It ends by SIGTERM or Ctrl-C. Exit codes: 0 ended · 1 the head cannot be reached or refused us · 2 bad input.",
  ],
};

async function main({ flags }: ParsedFlags): Promise<number> {
  const address = readClusterAddress(flags);
  const isJson = flags.has("json");
  const inColour = !Deno.noColor && Deno.stdout.isTerminal();
  const ending = new AbortController();
  untilSignal().then(() => ending.abort());
  const lines = attach({
    ...address,
    runId: flags.get("run"),
    task: flags.get("task"),
    node: flags.get("node"),
    maxAgeMs: parseDurationMs("since", flags.get("since") ?? "10m"),
    follow: !flags.has("no-follow"),
    signal: ending.signal,
    onBreak: (reason) => printError(`The head is away: ${reason}; trying again.`),
  });
  try {
    for await (const line of lines) {
      print(`${isJson ? JSON.stringify(line) : renderLogLine(line, inColour)}\n`);
    }
  } catch (error) {
    // Whoever read our output has enough.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
  return EXIT_CODES.ok;
}

if (import.meta.main) await runCommand(COMMAND, main);
