import { print, printError, runCommand } from "./command.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import type { CommandSpec, ParsedFlags } from "./flags.ts";
import {
  CLUSTER_FLAGS,
  openClusterFolder,
  readClusterState,
  readWish,
  writeWish,
} from "./provision/cluster_folder.ts";
import { countEvents, followJournal } from "./provision/follow_journal.ts";
import { ensureKeeper, keeperEnds } from "./provision/keeper_process.ts";
import { eventText, nodesText } from "./provision/node_text.ts";
import { untilSignal } from "./until_signal.ts";

const COMMAND: CommandSpec = {
  command: "deno task cluster:down",
  summary:
    "Ends a cluster: all machines, and what was made for them. Returns when every place where something was ever\n" +
    "made was seen empty, also when the journal was lost. What its tasks wrote on the nodes is lost.",
  positionals: [],
  flags: CLUSTER_FLAGS,
  epilogue: [
    "Exit codes: 0 nothing is left · 1 something is · 2 bad input · 130 interrupted: it goes on.",
  ],
};

async function main({ flags }: ParsedFlags): Promise<number> {
  const folder = openClusterFolder(flags);
  const known = countEvents(folder);
  const timesResumed = readWish(folder)?.timesResumed ?? 0;
  await writeWish(folder, { workers: 0, end: true, endsWhenIdle: false, timesResumed });
  await ensureKeeper(folder);
  const interrupted = new AbortController();
  untilSignal().then(() => interrupted.abort());
  const isEnded = await followJournal(
    folder,
    known,
    (event) => {
      const text = eventText(event);
      if (text !== undefined) printError(text);
    },
    (state) => state.ended,
    interrupted.signal,
  );
  if (isEnded) {
    await keeperEnds(folder);
    print(`Nothing is left of ${folder.config.name}.\n`);
    return EXIT_CODES.ok;
  }
  if (interrupted.signal.aborted) return EXIT_CODES.interrupted;
  print(`${nodesText(readClusterState(folder), Date.now()).join("\n")}\n`);
  printError(`The keeper has ended before the cluster: see ${folder.dir}/keeper.log`);
  return EXIT_CODES.failure;
}

if (import.meta.main) await runCommand(COMMAND, main);
