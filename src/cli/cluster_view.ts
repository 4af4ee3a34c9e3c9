import { VIEW_ROUTES } from "../../cluster/head/dashboard/routes.ts";
import { HEAD_FLAGS, readClusterAddress } from "./cluster_address.ts";
import { print, runCommand } from "./command.ts";
import { documentLines } from "./document_lines.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import type { CommandSpec, ParsedFlags } from "./flags.ts";
import { requestHead } from "./head_request.ts";
import { printable } from "./progress/terminal_text.ts";
import { tableLines } from "./table_lines.ts";

const API = "/api/v1/";

const COMMAND: CommandSpec = {
  command: "deno task cluster:view",
  summary:
    'Shows what a page of the dashboard shows. A view may have a query: "tasks?state=failed&limit=20".',
  positionals: ["VIEW"],
  flags: [...HEAD_FLAGS, {
    name: "json",
    kind: "switch",
    help: "Print it as JSON, as the head's API tells it.",
  }],
  epilogue: [
    [
      "Views:",
      ...tableLines(VIEW_ROUTES.map(({ path, summary, query }) => [
        `  ${path.slice(API.length)}`,
        query.length === 0 ? summary : `${summary} (${query.map(({ name }) => name).join(", ")})`,
      ])),
    ].join("\n"),
    "Exit codes: 0 shown · 1 failed · 2 bad input, no head, or no such view.",
  ],
};

async function main({ flags, positionals: [view] }: ParsedFlags): Promise<number> {
  const response = await requestHead(readClusterAddress(flags), `${API}${view}`);
  const document = await response.json();
  const lines = flags.has("json")
    ? [JSON.stringify(document)]
    : documentLines(document).map(printable);
  print(`${lines.join("\n")}\n`);
  return EXIT_CODES.ok;
}

if (import.meta.main) await runCommand(COMMAND, main);
