import type { AttemptRecord } from "../../cluster/head/telemetry/attempt_record.ts";
import { UserError } from "../base/errors.ts";
import { HEAD_FLAGS, readClusterAddress } from "./cluster_address.ts";
import { print, runCommand } from "./command.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import type { CommandSpec, ParsedFlags } from "./flags.ts";
import { requestHead } from "./head_request.ts";
import { chromeTrace } from "./timeline/chrome_trace.ts";

const DEFAULT_FILE = "trace.json";

const COMMAND: CommandSpec = {
  command: "deno task cluster:timeline",
  summary:
    "Writes what ran where and when as a trace that ui.perfetto.dev and chrome://tracing open.",
  positionals: [],
  flags: [
    ...HEAD_FLAGS,
    { name: "run", kind: "value", placeholder: "RUN", help: "Only the tasks of this run." },
    {
      name: "last",
      kind: "value",
      placeholder: "SECONDS",
      help: "Only what ended in so many seconds (default: all that is kept).",
    },
    {
      name: "out",
      kind: "value",
      placeholder: "FILE",
      help: `Where it is written (default: ${DEFAULT_FILE}).`,
    },
  ],
  epilogue: ["Exit codes: 0 written · 1 failed · 2 bad input, or there is no head."],
};

async function main({ flags }: ParsedFlags): Promise<number> {
  const query = new URLSearchParams();
  const run = flags.get("run");
  if (run !== undefined) query.set("run", run);
  const last = flags.get("last");
  if (last !== undefined) query.set("since", String(Date.now() - readSeconds(last) * 1e3));
  const response = await requestHead(readClusterAddress(flags), `/history?${query}`);
  const records = (await response.text()).split("\n").filter((line) => line !== "")
    .map((line) => JSON.parse(line) as AttemptRecord);
  const path = flags.get("out") ?? DEFAULT_FILE;
  const { traceEvents, ...head } = chromeTrace(records);
  const events = traceEvents.map((event) => JSON.stringify(event)).join(",\n");
  await Deno.writeTextFile(
    path,
    `${JSON.stringify(head).slice(0, -1)},"traceEvents":[\n${events}\n]}\n`,
  );
  const nodes = new Set(records.map(({ workerId }) => workerId)).size;
  print(`${path}: ${records.length} attempts on ${nodes} nodes. Open it in ui.perfetto.dev.\n`);
  return EXIT_CODES.ok;
}

function readSeconds(text: string): number {
  const seconds = Number(text);
  if (seconds > 0 && seconds < Infinity) return seconds;
  throw new UserError("command/bad-value", `Cannot show the last ${JSON.stringify(text)} seconds`, {
    hint: "--last takes a number above 0.",
  });
}

if (import.meta.main) await runCommand(COMMAND, main);
