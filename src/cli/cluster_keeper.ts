import { connect, drainWorker } from "../../cluster/client/mod.ts";
import type { DashboardOptions } from "../../cluster/head/dashboard/run_source.ts";
import { Head } from "../../cluster/head/head.ts";
import type { Cost } from "../../cluster/head/dashboard/schemas/cluster.ts";
import type { ClusterState } from "../../provision/planning/state.ts";
import { Journal } from "../../provision/journal/journal.ts";
import { ShellCrew } from "../../provision/node_crew.ts";
import { Reconciler } from "../../provision/reconcile.ts";
import { UserError } from "../base/errors.ts";
import { systemClock } from "../base/clock.ts";
import { newId } from "../base/ids.ts";
import { createRng } from "../base/rng.ts";
import { printError, runCommand } from "./command.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import type { CommandSpec, ParsedFlags } from "./flags.ts";
import { readOrMakeToken } from "./head_token.ts";
import {
  CLUSTER_FLAGS,
  type ClusterFolder,
  openClusterFolder,
  readWish,
} from "./provision/cluster_folder.ts";
import { lastKeeper, writeKeeper } from "./provision/keeper_info.ts";
import { ClusterWatch } from "./provision/cluster_watch.ts";
import { ClusterMirror } from "./provision/cluster_mirror.ts";
import { openMirrorStore } from "./provision/mirror_store.ts";
import { livingNodes, priceOf } from "./provision/node_text.ts";
import { makeProvider } from "./provision/make_provider.ts";
import { targetWorkers } from "./provision/target_workers.ts";
import { tradewindProgram } from "./provision/tradewind_program.ts";
import { wantedOf } from "./provision/wanted_of.ts";
import { untilSignal } from "./until_signal.ts";

const COMMAND: CommandSpec = {
  command: "deno run src/cli/cluster_keeper.ts",
  summary:
    "Keeps a cluster as the last cluster:up or cluster:down said: its head, the way of its nodes to it, and the\n" +
    "nodes themselves. cluster:up starts it; it ends when the cluster has ended, or by SIGTERM, which ends no node.",
  positionals: [],
  flags: CLUSTER_FLAGS,
  epilogue: ["Exit codes: 0 ended · 1 failed · 2 bad input, another one runs."],
};

const PATIENCE_MS = 10_000;
/** A worker that ends has so long for what it runs; the plan gives it up a little later. */
const DRAIN_GRACE_MS = 240_000;

async function main({ flags }: ParsedFlags): Promise<number> {
  const folder = openClusterFolder(flags);
  const { config, dir, tokenFile } = folder;
  const firstWish = readWish(folder);
  if (firstWish === undefined) {
    throw new UserError(`Cannot keep ${config.name}: nobody said what it shall be`, {
      hint: "cluster:up says it.",
    });
  }
  // The lock comes first: two keepers would be two heads.
  // The journal is there before its mirror is.
  const marked: { mirror?: ClusterMirror } = {};
  using journal = new Journal(dir, { onEvent: () => marked.mirror?.mark() });
  using mirrorStore = config.mirror === undefined
    ? undefined
    : await openMirrorStore(config.mirror, config.name);
  await using claimed = mirrorStore && await ClusterMirror.claim(mirrorStore.store, dir);
  marked.mirror = claimed;
  const token = readOrMakeToken(`${dir}/head`, tokenFile);
  await using head = startHead(folder, token, () => Promise.resolve(costOf(journal.state)));
  await writeKeeper(folder, { pid: Deno.pid, headUrl: head.url });
  const address = { headUrl: head.url, token };
  await using client = connect({ ...address, patienceMs: PATIENCE_MS });
  await using provider = await makeProvider(folder);
  await using watch = new ClusterWatch(client);
  await using crew = new ShellCrew({
    provider,
    program: tradewindProgram(config, token),
    headPort: Number(new URL(head.url).port),
    tunnelPort: tunnelPortOf(config.name),
    env: config.env,
    setup: config.setup,
    ttlMs: config.ttl_hours * 3_600_000,
    leaseMs: config.lease_minutes * 60_000,
    workers: () => watch.workers(),
    drainWorker: (nodeId) => drainWorker(address, nodeId, DRAIN_GRACE_MS),
    onNotice: (nodeId, message) => reconciler.note(nodeId, message),
  });
  let wish = firstWish;
  const wanted = () => {
    // A folder that is taken away under us changes nothing of what shall be.
    wish = readWish(folder) ?? wish;
    const { workers, end } = wish;
    const target = targetWorkers({
      asked: workers,
      min: config.workers.min,
      max: config.workers.max,
      needs: watch.needs,
      idleSinceMs: watch.idleSinceMs,
      autostopMs: config.autostop_minutes * 60_000,
    }, Date.now());
    return wantedOf(config, provider.regions, { workers: target, end });
  };
  const rng = createRng(crypto.getRandomValues(new Uint32Array(1))[0]);
  await using reconciler = new Reconciler(
    { journal, provider, crew, wanted, clock: systemClock, rng },
    newId("").slice(-10).toLowerCase(),
  );
  watch.begin(() => JSON.stringify(readWish(folder)), () => reconciler.wake());
  const ending = new AbortController();
  claimed?.begin(log, () => {
    log("Another keeper has taken the cluster over.");
    ending.abort();
  });
  untilSignal().then(() => ending.abort());
  await reconciler.run(ending.signal, () => {
    const times = wish.timesResumed;
    if (times > journal.state.timesResumed) journal.append({ type: "Resumed", times });
    return wish.end && journal.state.ended;
  });
  return EXIT_CODES.ok;
}

/** What the nodes cost now; undefined where no price is known. */
function costOf(state: ClusterState): Cost | undefined {
  const usdPerHour = priceOf(state);
  return usdPerHour === 0 ? undefined : { usdPerHour, machines: livingNodes(state).length };
}

/** On the port of the head before, so that nodes and clients find it again; on another one when that was taken. */
function startHead(
  folder: ClusterFolder,
  token: string,
  cost: DashboardOptions["cost"],
): Head {
  const options = { stateDir: `${folder.dir}/head`, token, onNotice: log, dashboard: { cost } };
  const headUrl = lastKeeper(folder)?.headUrl;
  const port = headUrl === undefined ? 0 : Number(new URL(headUrl).port);
  try {
    return new Head({ ...options, port });
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    return new Head(options);
  }
}

/** On nodes: one for each cluster's name, above those of services and below those that systems give out by themselves
 * (32768 on Linux). */
function tunnelPortOf(name: string): number {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + character.charCodeAt(0)) % 7_000;
  return 25_000 + hash;
}

function log(message: string): void {
  printError(`${new Date().toISOString()} ${message}`);
}

if (import.meta.main) await runCommand(COMMAND, main);
