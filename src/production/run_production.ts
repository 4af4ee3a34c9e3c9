import { writeFileAtomic } from "../base/atomic_file.ts";
import type { Clock } from "../base/clock.ts";
import type { Turn } from "../base/turn.ts";
import { ownPeakMemoryBytes } from "../base/peak_memory.ts";
import { type FlowRunOptions, openFlowStore, type TaskCounts } from "../flow/mod.ts";
import type { PriceSource } from "../lakehouse/prices/price_source.ts";
import type { Prices } from "../lakehouse/price_files/read_prices.ts";
import { openLedger } from "../ledger/mod.ts";
import type { ProductionConfig } from "../manifest/config.ts";
import { manifestHash } from "../manifest/load_manifest.ts";
import type { ReportModel } from "../report/mod.ts";
import { AuditTrail } from "./audit_trail.ts";
import { endOfBroken } from "./broken_run.ts";
import type { Candidate } from "./grid.ts";
import { keepPinned } from "./pinned_lakehouse.ts";
import type { ProductionEvent, Stage } from "./production_event.ts";
import { productionFlow } from "./production_flow.ts";
import { type Provenance, readProvenance } from "./provenance.ts";
import type { OutputFolders, RunFolder } from "./run_folder.ts";
import { StageClock } from "./stage_clock.ts";

/** What a production run is started with. */
export interface ProductionRunOptions {
  readonly config: ProductionConfig;
  readonly folders: OutputFolders;
  readonly run: RunFolder;
  readonly source: PriceSource;
  readonly prices: Prices | undefined;
  /** Called by the first task that a cluster has to run; never when everything is in the cache. */
  readonly startCluster: NonNullable<FlowRunOptions["cluster"]>;
  readonly signal: AbortSignal;
  readonly onEvent: (event: ProductionEvent) => void;
  readonly clock: Clock;
  /** As in the context of the stages. */
  readonly lakehouseTurn?: Turn;
}

/** What is written into `run.json`, and told to scripts. */
export interface RunSummary {
  readonly run_id: string;
  readonly status: "running" | "completed" | "cancelled" | "failed";
  /** Why it failed. */
  readonly error: string | null;
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly duration_ms: number | null;
  readonly stages_ms: Readonly<Partial<Record<Stage, number>>>;
  /** Task runs by state: Completed ones were computed, Cached ones were not. */
  readonly tasks: TaskCounts;
  readonly memory: MemoryPeaks;
  /** Equal for equal results, whatever computed them. */
  readonly result_hash: string | null;
  readonly ledger_hash: string | null;
  readonly prices: {
    readonly path: string;
    readonly sha256: string;
    /** Of the lakehouse; null for a price file. */
    readonly version: number | null;
    readonly symbols: number;
    readonly rows: number;
  };
  readonly parameters: ProductionConfig;
  readonly provenance: Provenance;
  /** The best Sharpe first. */
  readonly candidates: readonly (Candidate & {
    readonly metrics: Readonly<Record<string, number | string | null>>;
  })[];
}

/** The most memory that each process had resident, in bytes. */
export interface MemoryPeaks {
  /** Of the process of the flow, which an embedded head shares. */
  readonly head_peak_bytes: number;
  readonly executors: readonly {
    readonly worker: string;
    readonly pid: number;
    readonly peak_bytes: number;
  }[];
}

/** How a run ended well. */
export interface CompletedRun {
  readonly summary: RunSummary;
  readonly model: ReportModel;
}

/** Runs the production flow: states, results and ledger go to the output folder as they come, so that a run that was
 * stopped anywhere goes on from there under the same run id.
 * @throws {FlowCancelledError} when the signal was aborted; `run.json` says so
 * @throws whatever the flow failed with; `run.json` says so */
export async function runProduction(options: ProductionRunOptions): Promise<CompletedRun> {
  const { config, folders, run, source, clock } = options;
  const startedAtMs = clock.nowMs();
  const provenance = await readProvenance();
  await run.create();
  await writeFileAtomic(run.config, `${JSON.stringify(config, null, 2)}\n`);
  await keepPinned(run, source);
  using store = openFlowStore(folders.flowStore);
  using ledger = await openLedger(run.ledger, {
    runId: run.runId,
    profile: config.profileName,
    manifestHash: manifestHash(config),
    ...provenance,
  }, { clock, fsync: config.storage.fsync });
  const trail = new AuditTrail(ledger);
  const stages = new StageClock(clock, options.onEvent);
  const cluster = new ObservedCluster(options.startCluster);
  let tasks: TaskCounts = {};

  const summarize = async (end: Partial<RunSummary>): Promise<RunSummary> => {
    const finishedAtMs = clock.nowMs();
    const summary: RunSummary = {
      run_id: run.runId,
      status: "running",
      error: null,
      started_at: new Date(startedAtMs).toISOString(),
      finished_at: new Date(finishedAtMs).toISOString(),
      duration_ms: finishedAtMs - startedAtMs,
      stages_ms: stages.durationsMs,
      tasks,
      memory: await cluster.memoryPeaks(),
      result_hash: null,
      ledger_hash: null,
      prices: {
        path: source.path,
        sha256: source.sha256,
        version: source.type === "tables" ? source.pinned?.version ?? null : null,
        symbols: source.symbols.length,
        rows: source.rows,
      },
      parameters: config,
      provenance,
      candidates: [],
      ...end,
    };
    await writeFileAtomic(run.summary, `${JSON.stringify(summary, null, 2)}\n`);
    return summary;
  };

  try {
    await summarize({ finished_at: null, duration_ms: null });
    const context = { ...options, trail, stages };
    const { model, resultHash } = await productionFlow(context).run([config], {
      store,
      runId: run.runId,
      cluster: () => cluster.start(),
      signal: options.signal,
      onEvent: (event) => {
        if ("counts" in event) tasks = event.counts;
        trail.note(event);
        stages.count(event);
      },
    });
    ledger.close();
    await run.pointLatest();
    const summary = await summarize({
      status: "completed",
      result_hash: resultHash,
      ledger_hash: ledger.headHash,
      candidates: ranked(model),
    });
    return { summary, model };
  } catch (error) {
    await summarize(endOfBroken(error, ledger));
    throw error;
  }
}

function ranked({ candidates, rankingMetric }: ReportModel): RunSummary["candidates"] {
  const rank = (metrics: Readonly<Record<string, number | string | null>>) =>
    Number(metrics[rankingMetric] ?? -Infinity);
  return candidates
    .map(({ selection, engine, profile, rebalance, simulator, metrics }) => ({
      selection,
      engine,
      profile,
      rebalance,
      simulator,
      metrics,
    }))
    .toSorted((a, b) => rank(b.metrics) - rank(a.metrics));
}

type StartCluster = ProductionRunOptions["startCluster"];

/** The cluster of a run, if it needs one. */
class ObservedCluster {
  readonly #start: StartCluster;
  #client: ReturnType<StartCluster> | undefined;

  constructor(start: StartCluster) {
    this.#start = start;
  }

  start(): ReturnType<StartCluster> {
    this.#client ??= this.#start();
    return this.#client;
  }

  async memoryPeaks(): Promise<MemoryPeaks> {
    // A cluster that did not start, or is gone, has no numbers; why is told by the tasks that needed it.
    const status = await this.#client?.then((client) => client.status()).catch(() => undefined);
    const executors = status?.workers.flatMap(({ workerId, executors }) =>
      executors.map(({ pid, peakMemoryBytes }) => ({
        worker: workerId,
        pid,
        peak_bytes: peakMemoryBytes,
      }))
    );
    return {
      head_peak_bytes: Math.max(status?.headPeakMemoryBytes ?? 0, ownPeakMemoryBytes()),
      executors: executors ?? [],
    };
  }
}
