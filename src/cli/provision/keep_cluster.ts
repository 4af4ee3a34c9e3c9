import { connect, drainWorker } from "../../../cluster/client/mod.ts";
import type { DashboardOptions } from "../../../cluster/head/dashboard/run_source.ts";
import type { NoticeSubject } from "../../../cluster/head/notice.ts";
import { Head } from "../../../cluster/head/head.ts";
import type { NodeProgram } from "../../../provision/bootstrap/node_program.ts";
import { Journal } from "../../../provision/journal/journal.ts";
import { ShellCrew } from "../../../provision/node_crew.ts";
import type { Wanted } from "../../../provision/plan.ts";
import { nodeForHead } from "../../../provision/planning/head_node.ts";
import type { Provider } from "../../../provision/providers/provider.ts";
import { Reconciler } from "../../../provision/reconcile.ts";
import { systemClock } from "../../base/clock.ts";
import { errorMessage } from "../../base/errors.ts";
import { newId } from "../../base/ids.ts";
import { createRng } from "../../base/rng.ts";
import { tokenFiles } from "../head_token.ts";
import { type ClusterFolder, readWish, type Wish } from "./cluster_folder.ts";
import { ClusterDashboard } from "./cluster_dashboard.ts";
import type { ClusterMirror } from "./cluster_mirror.ts";
import { ClusterWatch } from "./cluster_watch.ts";
import { lastKeeper, writeKeeper } from "./keeper_info.ts";
import { isIdle, targetWorkers } from "./target_workers.ts";
import { wantedOf } from "./wanted_of.ts";

/** How the keeping of a cluster ended: it has ended, or the node for its head is there, or the signal came first. */
export type KeepEnd = "ended" | "head-node" | "stopped";

/** What a cluster is kept with. */
export interface KeepOptions {
  readonly folder: ClusterFolder;
  readonly firstWish: Wish;
  readonly provider: Provider;
  readonly program: NodeProgram;
  readonly mirror: ClusterMirror | undefined;
  /** Of a cluster whose head is on a node: the node on which this runs, or `wanted`, and this ends as soon as there is one
   * for it. Undefined: head and keeper are here. */
  readonly headNode: Wanted["headNode"];
  readonly signal: AbortSignal;
  readonly log: (message: string) => void;
}

const PATIENCE_MS = 10_000;
/** A worker that ends has so long for what it runs; the plan gives it up a little later. */
const DRAIN_GRACE_MS = 240_000;
const MINUTE_MS = 60_000;
const STREAM_MS = 1_000;

/** Keeps a cluster as is wanted at each moment: its head, the way of its nodes to it, and the nodes themselves. */
export async function keepCluster(options: KeepOptions): Promise<KeepEnd> {
  const { folder, provider, program, mirror, headNode, signal } = options;
  const { config, dir } = folder;
  const token = () => program.token;
  using journal = new Journal(dir, { onEvent: () => mirror?.mark() });
  const retryAt = () => ({ url: head.url, tokenFile: folder.tokenFile });
  using dashboard = new ClusterDashboard(() => journal.state, retryAt);
  await using head: Head = startHead(
    options,
    dashboard.options,
    (workerId) => {
      watch.noteDrain(workerId);
      reconciler.wake();
    },
  );
  await using _stream = mirror && await streamState(head, mirror, options.log);
  await writeKeeper(folder, { pid: Deno.pid, headUrl: head.url });
  const address = { headUrl: head.url, token };
  await using client = connect({ ...address, patienceMs: PATIENCE_MS });
  await using watch = new ClusterWatch(client);
  await using crew = new ShellCrew({
    provider,
    program,
    headPort: Number(new URL(head.url).port),
    tunnelPort: tunnelPortOf(config.name),
    env: config.env,
    setup: config.setup,
    ttlMs: config.ttl_hours * 60 * MINUTE_MS,
    leaseMs: config.lease_minutes * MINUTE_MS,
    workers: () => watch.workers(),
    drainWorker: (nodeId) => drainWorker(address, nodeId, DRAIN_GRACE_MS),
    onNotice: (nodeId, message) => reconciler.note(nodeId, message),
  });
  const wishes = new Wishes(options, watch);
  const rng = createRng(crypto.getRandomValues(new Uint32Array(1))[0]);
  await using reconciler = new Reconciler(
    { journal, provider, crew, wanted: () => wishes.wanted(), clock: systemClock, rng },
    newId("").slice(-10).toLowerCase(),
  );
  watch.begin(() => JSON.stringify(readWish(folder)), () => reconciler.wake());
  let end: KeepEnd = "stopped";
  await reconciler.run(signal, () => {
    const { timesResumed } = wishes.wish;
    if (timesResumed > journal.state.timesResumed) {
      journal.append({ type: "Resumed", times: timesResumed });
    }
    const isEnd = wishes.wanted().end;
    if (isEnd && journal.state.ended) end = "ended";
    if (headNode === "wanted" && !isEnd && nodeForHead(journal.state) !== undefined) {
      end = "head-node";
    }
    return end !== "stopped";
  });
  return end;
}

/** What shall be: what the last command said, scaled by what there is to do. */
class Wishes {
  readonly #options: KeepOptions;
  readonly #watch: ClusterWatch;
  #wish: Wish;
  #isOver = false;

  constructor(options: KeepOptions, watch: ClusterWatch) {
    this.#options = options;
    this.#watch = watch;
    this.#wish = options.firstWish;
  }

  /** The last command's. */
  get wish(): Wish {
    return this.#wish;
  }

  wanted(): Wanted {
    const { folder, provider } = this.#options;
    const { workers: { min, max }, autostop_minutes } = folder.config;
    // A folder that is taken away under us changes nothing of what shall be.
    this.#wish = readWish(folder) ?? this.#wish;
    const { workers: asked, end, endsWhenIdle } = this.#wish;
    const { needs, idleSinceMs } = this.#watch;
    const autostopMs = autostop_minutes * MINUTE_MS;
    const nowMs = Date.now();
    // Once it has begun to end, it ends.
    this.#isOver ||= endsWhenIdle && isIdle({ idleSinceMs, autostopMs }, nowMs);
    const demand = { asked, min, max, needs, idleSinceMs, autostopMs };
    const workers = targetWorkers(demand, nowMs);
    const { headNode } = this.#options;
    return wantedOf(folder.config, provider.regions, {
      workers,
      end: end || this.#isOver,
      headNode,
    });
  }
}

/** Copies what the head must not forget into the mirror, which costs a request a second while something happens. */
async function streamState(
  head: Head,
  mirror: ClusterMirror,
  log: (message: string) => void,
): Promise<AsyncDisposable> {
  return head.stream({
    target: await mirror.stateTarget(),
    intervalMs: STREAM_MS,
    onTrouble: (error) => log(`Cannot copy the state of the head: ${errorMessage(error)}`),
  });
}

/** On the port of the head before, so that nodes and clients find it again; on another one when that was taken. */
function startHead(
  { folder, program: { token }, mirror, log }: KeepOptions,
  dashboard: DashboardOptions,
  onDrain: (workerId: string) => void,
): Head {
  const onNotice = (message: string, { event, workerId }: NoticeSubject) => {
    log(message);
    if (event === "worker_drained" && workerId !== undefined) onDrain(workerId);
  };
  const stateDir = `${folder.dir}/head`;
  const files = tokenFiles(stateDir, folder.tokenFile, () => mirror?.mark());
  const options = { stateDir, token, tokenFiles: files, onNotice, dashboard };
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
