import { writeFileAtomic } from "../../base/atomic_file.ts";
import { errorMessage } from "../../base/errors.ts";
import { openFlowStore, type TaskCounts } from "../../flow/mod.ts";
import { openLedger } from "../../ledger/mod.ts";
import { metaHash } from "../../manifest/load_meta.ts";
import type { MetaConfig } from "../../manifest/meta_config.ts";
import { AuditTrail } from "../audit_trail.ts";
import { endOfBroken } from "../broken_run.ts";
import { type Provenance, readProvenance } from "../provenance.ts";
import { RunFolder } from "../run_folder.ts";
import { isCompleted } from "./completed_run.ts";
import type { MetaContext } from "./meta_context.ts";
import type { MetaEvent } from "./meta_event.ts";
import { metaFlow, type MetaOutcome } from "./meta_flow.ts";
import type { PlannedMeta, PlannedSleeve } from "./plan_meta.ts";
import { runIdOf } from "./run_sleeves.ts";
import { type SourceRunOptions, SourceRuns } from "./source_runs.ts";

/** What a meta-portfolio is run with. */
export interface MetaRunOptions extends SourceRunOptions {
  readonly planned: PlannedMeta;
}

/** What is written into `run.json` of a meta-portfolio, and told to scripts. */
export interface MetaSummary {
  readonly kind: "meta";
  readonly run_id: string;
  readonly status: "running" | "completed" | "cancelled" | "failed";
  /** Why it failed. */
  readonly error: string | null;
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly duration_ms: number | null;
  /** Task runs of its own by state; those of its sleeves are told by their runs. */
  readonly tasks: TaskCounts;
  /** Equal for equal results, whatever computed them. */
  readonly result_hash: string | null;
  readonly ledger_hash: string | null;
  readonly sleeves: readonly {
    readonly id: string;
    readonly run_id: string;
    readonly status: "planned" | "completed" | "failed";
    readonly error: string | null;
    readonly candidate: Readonly<Record<string, unknown>> | null;
    readonly ledger_hash: string | null;
  }[];
  /** One a profile: what is to be held, as of the last decision. */
  readonly portfolios: readonly {
    readonly profile: string;
    readonly as_of: string;
    readonly net: number;
    readonly gross: number;
    readonly weights: Readonly<Record<string, number>>;
  }[];
  readonly candidates: readonly {
    readonly profile: string;
    readonly metrics: Readonly<Record<string, number | string | null>>;
  }[];
  readonly parameters: MetaConfig;
  readonly provenance: Provenance;
}

/** How a meta-portfolio ended well. */
export interface CompletedMeta {
  readonly summary: MetaSummary;
  readonly outcome: MetaOutcome;
}

/** Runs a meta-portfolio: its sleeves at the same time on one cluster, each a run of its own, then what it makes of
 * them. States, results and ledgers go to the output folder as they come: under the same run id a run that was stopped
 * anywhere goes on from there, and sleeves that are completed are not run again.
 * @throws {FlowCancelledError} when the signal was aborted; `run.json` says so
 * @throws {Error} naming the sleeves that failed, or whatever else the flow failed with; `run.json` says so */
export async function runMeta(options: MetaRunOptions): Promise<CompletedMeta> {
  const runs = new SourceRuns(options);
  return await runNode(options.planned, options, runs, options.onEvent);
}

async function runNode(
  planned: PlannedMeta,
  options: MetaRunOptions,
  runs: SourceRuns,
  onEvent: (event: MetaEvent) => void,
): Promise<CompletedMeta> {
  const { folders, clock, signal } = options;
  const { runId, config } = planned;
  const run = new RunFolder(folders, runId);
  const startedAtMs = clock.nowMs();
  const provenance = await readProvenance();
  await run.create();
  await writeFileAtomic(run.metaConfig, `${JSON.stringify(config, null, 2)}\n`);
  using store = openFlowStore(folders.flowStore);
  using ledger = await openLedger(run.ledger, {
    runId,
    profile: config.metaProfileName,
    manifestHash: metaHash(config),
    ...provenance,
  }, { clock });
  const trail = new AuditTrail(ledger);
  const context: MetaContext = { config, folders, run, trail, clock, onEvent };
  let tasks: TaskCounts = {};

  const summarize = async (end: Partial<MetaSummary>): Promise<MetaSummary> => {
    const finishedAtMs = clock.nowMs();
    const summary: MetaSummary = {
      kind: "meta",
      run_id: runId,
      status: "running",
      error: null,
      started_at: new Date(startedAtMs).toISOString(),
      finished_at: new Date(finishedAtMs).toISOString(),
      duration_ms: finishedAtMs - startedAtMs,
      tasks,
      result_hash: null,
      ledger_hash: null,
      sleeves: planned.sleeves.map((sleeve) => ({
        id: sleeve.id,
        run_id: runIdOf(sleeve),
        status: "planned",
        error: null,
        candidate: null,
        ledger_hash: null,
      })),
      portfolios: [],
      candidates: [],
      parameters: config,
      provenance,
      ...end,
    };
    await writeFileAtomic(run.summary, `${JSON.stringify(summary, null, 2)}\n`);
    return summary;
  };

  const execute = (sleeve: PlannedSleeve): Promise<void> =>
    sleeve.type === "profile"
      ? runs.ensure(sleeve.run)
      : runNested(sleeve.path, sleeve.nested, options, runs);

  try {
    await summarize({ finished_at: null, duration_ms: null });
    const outcome = await metaFlow(context, planned, execute).run([config], {
      store,
      runId,
      signal,
      onEvent: (event) => {
        if ("counts" in event) tasks = event.counts;
        trail.note(event);
      },
    });
    ledger.close();
    await run.pointLatest();
    const summary = await summarize({
      status: "completed",
      result_hash: outcome.resultHash,
      ledger_hash: ledger.headHash,
      ...describeOutcome(planned, outcome),
    });
    return { summary, outcome };
  } catch (error) {
    await summarize(endOfBroken(error, ledger));
    throw error;
  }
}

/** A meta-portfolio within another one: one stage of it. */
async function runNested(
  stage: string,
  planned: PlannedMeta,
  options: MetaRunOptions,
  runs: SourceRuns,
): Promise<void> {
  const { folders, clock, onEvent } = options;
  const startedAtMs = clock.nowMs();
  const finish = (detail: string) =>
    onEvent({ type: "StageFinished", stage, detail, durationMs: clock.nowMs() - startedAtMs });
  onEvent({ type: "StageStarted", stage });
  if (isCompleted(new RunFolder(folders, planned.runId))) {
    finish(`run ${planned.runId} is taken as it is`);
    return;
  }
  try {
    const onInnerEvent = (event: MetaEvent) => {
      if (event.type !== "Notice") return;
      onEvent({ type: "Notice", message: `${stage}: ${event.message}` });
    };
    const { summary } = await runNode(planned, options, runs, onInnerEvent);
    finish(`${summary.sleeves.length} sleeves of ${planned.config.metaProfileName}`);
  } catch (error) {
    const durationMs = clock.nowMs() - startedAtMs;
    onEvent({ type: "StageFailed", stage, message: errorMessage(error), durationMs });
    throw error;
  }
}

function describeOutcome(
  planned: PlannedMeta,
  { model, sleeves, portfolios }: MetaOutcome,
): Pick<MetaSummary, "sleeves" | "portfolios" | "candidates"> {
  return {
    sleeves: planned.sleeves.map((sleeve) => {
      const found = sleeves.outcomes.find(({ id }) => id === sleeve.id);
      const failed = sleeves.failed.find((one) => one.sleeve.id === sleeve.id);
      return {
        id: sleeve.id,
        run_id: runIdOf(sleeve),
        status: found === undefined ? "failed" : "completed",
        error: failed?.reason ?? null,
        candidate: found?.candidate ?? null,
        ledger_hash: found?.ledgerHash ?? null,
      };
    }),
    portfolios: portfolios.map(({ profile, atS, flat }) => ({
      profile,
      as_of: new Date(atS * 1000).toISOString().slice(0, 10),
      net: flat.net,
      gross: flat.gross,
      weights: Object.fromEntries(flat.assets.map(({ symbol, net }) => [symbol, net])),
    })),
    candidates: model.candidates.map(({ profile, metrics }) => ({ profile, metrics })),
  };
}
