import type { ClusterState } from "../../provision/planning/state.ts";
import { UserError } from "../base/errors.ts";
import { print, printError, runCommand } from "./command.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import type { CommandSpec, ParsedFlags } from "./flags.ts";
import { formatDuration } from "./progress/terminal_text.ts";
import { awayKeeper } from "./provision/away_keeper.ts";
import {
  CLUSTER_FLAGS,
  type ClusterFolder,
  keepConfig,
  openClusterFolder,
  readClusterState,
  readWish,
  writeWish,
} from "./provision/cluster_folder.ts";
import { countEvents, followJournal } from "./provision/follow_journal.ts";
import { clusterNameFor, runningKeeper } from "./provision/keeper_info.ts";
import { ensureKeeper } from "./provision/keeper_process.ts";
import { eventText, livingNodes, nodesText, priceOf } from "./provision/node_text.ts";
import { previewJson, previewPlan, previewText } from "./provision/preview_plan.ts";
import { RegisteredNodes } from "./provision/registered_nodes.ts";
import { untilSignal } from "./until_signal.ts";

const COMMAND: CommandSpec = {
  command: "deno task cluster:up",
  summary:
    "Brings a cluster up, or to another size: shows what it will do and what that costs, does it, and returns when\n" +
    "all workers are ready. Again is nothing; broken off, it goes on by itself, and again shows how far it is.",
  positionals: [],
  flags: [
    ...CLUSTER_FLAGS,
    {
      name: "workers",
      kind: "value",
      placeholder: "N",
      help: "How many workers (default: workers.wanted).",
    },
    { name: "dry-run", kind: "switch", help: "Show what would be done, and do nothing." },
    { name: "yes", kind: "switch", help: "Spend money without asking." },
    { name: "json", kind: "switch", help: "Print the outcome, or the plan, as JSON." },
  ],
  epilogue: [
    "Exit codes: 0 all are ready · 1 stopped, with the reason · 2 bad input · 130 interrupted: the cluster goes on.",
  ],
};

async function main({ flags }: ParsedFlags): Promise<number> {
  const folder = openClusterFolder(flags);
  const workers = readWorkers(flags.get("workers"), folder);
  const preview = await previewPlan(folder, workers);
  if (flags.has("dry-run")) {
    print(`${flags.has("json") ? previewJson(preview) : previewText(preview)}\n`);
    return EXIT_CODES.ok;
  }
  printError(previewText(preview));
  if (preview.usdPerHour > 0 && !flags.has("yes")) askWhetherToSpend();
  const begunMs = performance.now();
  const timesResumed = (readWish(folder)?.timesResumed ?? 0) + 1;
  const known = countEvents(folder);
  await keepConfig(folder);
  const { head, workers: { min } } = folder.config;
  // A keeper on a node outlives whoever would end it.
  const endsWhenIdle = head === "node" && min === 0;
  await writeWish(folder, { workers, end: false, endsWhenIdle, timesResumed });
  await ensureKeeper(folder);
  const interrupted = new AbortController();
  untilSignal().then(() => interrupted.abort());
  const registered = new RegisteredNodes(
    folder,
    (nodeIds) => printError(`Waits for the workers of ${nodeIds.join(", ")}.`),
  );
  let isThere = false;
  await followJournal(
    folder,
    known,
    (event) => {
      const text = eventText(event);
      const time = formatDuration(performance.now() - begunMs);
      if (text !== undefined) printError(`${time.padStart(12)}  ${text}`);
    },
    async (state) => {
      isThere = isUp(state, workers) && isKeptWhereItShall(folder) &&
        await registered.haveAll(idsOf(state));
      return isThere || state.stopped !== undefined && isResumed(state, folder);
    },
    interrupted.signal,
  );
  const state = readClusterState(folder);
  if (interrupted.signal.aborted) {
    printError("The cluster goes on coming up; cluster:up shows it again, cluster:down ends it.");
    return EXIT_CODES.interrupted;
  }
  if (!isThere && runningKeeper(folder) === undefined) {
    printError(
      `The cluster's keeper has ended; cluster:up starts it again. Its log is ${folder.dir}/keeper.log.`,
    );
  }
  report(folder, state, flags.has("json"));
  return isThere ? EXIT_CODES.ok : EXIT_CODES.failure;
}

/** Whether a stop is younger than this command. */
function isResumed({ timesResumed }: ClusterState, folder: ClusterFolder): boolean {
  return timesResumed >= (readWish(folder)?.timesResumed ?? 0);
}

function idsOf(state: ClusterState): string[] {
  return livingNodes(state).map(({ nodeId }) => nodeId);
}

function isUp(state: ClusterState, workers: number): boolean {
  const nodes = livingNodes(state);
  return isAllReady(nodes) && nodes.length === workers && state.generation !== "";
}

/** Whether the keeper is on its node, where that is wanted. */
function isKeptWhereItShall(folder: ClusterFolder): boolean {
  return folder.config.head === "local" || awayKeeper(folder) !== undefined;
}

function isAllReady(nodes: ReturnType<typeof livingNodes>): boolean {
  return nodes.every(({ phase }) => phase === "ready");
}

function readWorkers(text: string | undefined, { config }: ClusterFolder): number {
  if (text === undefined) return config.workers.wanted;
  const workers = Number(text);
  const { head, name, workers: { max } } = config;
  const least = head === "node" ? 1 : 0;
  if (Number.isInteger(workers) && workers >= least && workers <= max) return workers;
  throw new UserError("command/bad-value", `Cannot bring up ${JSON.stringify(text)} workers`, {
    hint: least === 0
      ? `workers.max of ${name} is ${max}.`
      : `The head of ${name} is on one of them, and workers.max is ${max}.`,
  });
}

function askWhetherToSpend(): void {
  if (!Deno.stdin.isTerminal()) {
    throw new UserError("command/not-confirmed", "Cannot spend money without being told to", {
      hint: "Give --yes.",
    });
  }
  if (!confirm("Go on?")) throw new UserError("command/not-confirmed", "Nothing was done");
}

function report(folder: ClusterFolder, state: ClusterState, asJson: boolean): void {
  if (asJson) {
    const headUrl = runningKeeper(folder)?.headUrl;
    const nodes = livingNodes(state).map(({ nodeId, phase, machineId, poolId, reason }) => ({
      node: nodeId,
      phase,
      reason,
      machine: machineId,
      pool: poolId,
    }));
    const usd_per_hour = priceOf(state);
    const outcome = { head: headUrl, token_file: folder.tokenFile, nodes, usd_per_hour };
    print(`${JSON.stringify(outcome)}\n`);
    return;
  }
  const rest = `--cluster ${clusterNameFor(folder)}`;
  print(`${
    [
      ...nodesText(state, Date.now()),
      `  look at it  deno task cluster:status ${rest}`,
      `  run on it   deno task production ${rest}`,
      `  end it      deno task cluster:down ${rest}`,
    ].join("\n")
  }\n`);
}

if (import.meta.main) await runCommand(COMMAND, main);
