import { JOURNAL_FILE, readJournal } from "../../provision/journal/journal.ts";
import type { JournalEvent } from "../../provision/planning/events.ts";
import { execOk, shellQuote } from "../../provision/ssh/host.ts";
import { print, printError, runCommand } from "./command.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import type { CommandSpec, ParsedFlags } from "./flags.ts";
import {
  CLUSTER_FLAGS,
  type ClusterFolder,
  openClusterFolder,
} from "./provision/cluster_folder.ts";
import { findNode } from "./provision/find_node.ts";
import { followJournal } from "./provision/follow_journal.ts";
import { makeProvider } from "./provision/make_provider.ts";
import { eventText } from "./provision/node_text.ts";
import { untilSignal } from "./until_signal.ts";

const COMMAND: CommandSpec = {
  command: "deno task cluster:logs",
  summary:
    "Shows what happened to a cluster's machines since it was first brought up, or what a node's daemon wrote.\n" +
    "NODE is the node's id, or an end of it that no other has.",
  positionals: [],
  optionalPositionals: ["NODE"],
  flags: [
    ...CLUSTER_FLAGS,
    { name: "follow", kind: "switch", help: "Go on until Ctrl-C." },
  ],
  epilogue: ["Exit codes: 0 shown · 1 the node cannot be reached · 2 bad input, no such node."],
};

const DAY_MS = 86_400_000;
const SHOWN_LINES = 500;

async function main({ flags, positionals: [node] }: ParsedFlags): Promise<number> {
  const folder = openClusterFolder(flags);
  const ending = new AbortController();
  untilSignal().then(() => ending.abort());
  if (node !== undefined) await showNode(folder, node, flags.has("follow"), ending.signal);
  else {
    const { events } = readJournal(`${folder.dir}/${JOURNAL_FILE}`);
    events.forEach(show);
    if (events.length === 0) {
      printError(`Nothing has happened to ${folder.config.name} yet: deno task cluster:up`);
    }
    if (flags.has("follow")) {
      await followJournal(folder, events.length, show, () => false, ending.signal);
    }
  }
  return EXIT_CODES.ok;
}

function show(event: JournalEvent): void {
  const text = eventText(event);
  if (text !== undefined) print(`${new Date(event.atMs).toISOString()}  ${text}\n`);
}

async function showNode(
  folder: ClusterFolder,
  node: string,
  isFollowed: boolean,
  signal: AbortSignal,
): Promise<void> {
  const target = findNode(folder, node);
  await using provider = await makeProvider(folder);
  await using host = await provider.connect(target, signal);
  const { dir } = await provider.layout(target, host);
  const command = `cd ${shellQuote(dir)} && tail -n ${SHOWN_LINES} ${
    isFollowed ? "-F" : ""
  } warden.log daemon.log 2>/dev/null`;
  try {
    await execOk(host, "read its logs", command, {
      signal,
      timeoutMs: isFollowed ? DAY_MS : undefined,
      onLine: (line) => print(`${line}\n`),
    });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

if (import.meta.main) await runCommand(COMMAND, main);
