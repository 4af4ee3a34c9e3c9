import type { Clock } from "../../base/clock.ts";
import { errorMessage } from "../../base/errors.ts";
import { Turn } from "../../base/turn.ts";
import type { PriceSource } from "../../lakehouse/prices/price_source.ts";
import type { ProductionConfig } from "../../manifest/config.ts";
import type { OutputFolders } from "../run_folder.ts";
import { RunFolder } from "../run_folder.ts";
import { type ProductionRunOptions, runProduction } from "../run_production.ts";
import { isCompleted } from "./completed_run.ts";
import type { MetaEvent } from "./meta_event.ts";
import type { PlannedRun } from "./plan_meta.ts";
import { SleeveProgress } from "./sleeve_progress.ts";

/** What the runs of sleeves are started with. */
export interface SourceRunOptions {
  readonly folders: OutputFolders;
  readonly startCluster: ProductionRunOptions["startCluster"];
  readonly signal: AbortSignal;
  readonly onEvent: (event: MetaEvent) => void;
  readonly clock: Clock;
  /** Does what goes with a run from its start to its end, for instance copies it elsewhere meanwhile. */
  readonly around: <T>(run: SourceRun, work: () => Promise<T>) => Promise<T>;
}

/** A production run that is about to be run. */
export interface SourceRun {
  readonly config: ProductionConfig;
  readonly folders: OutputFolders;
  readonly run: RunFolder;
  readonly source: PriceSource;
  readonly candidates: readonly string[];
}

/** The production runs behind the sleeves of a meta-portfolio, however deep: each is run once, on one cluster. */
export class SourceRuns {
  readonly #options: SourceRunOptions;
  readonly #runs = new Map<string, Promise<void>>();
  readonly #lakehouseTurn = new Turn();

  constructor(options: SourceRunOptions) {
    this.#options = options;
  }

  /** Resolves when a run is completed: it is run, or gone on with, unless it is completed already.
   * @throws whatever it failed with */
  ensure(planned: PlannedRun): Promise<void> {
    const known = this.#runs.get(planned.runId);
    if (known !== undefined) return known;
    const run = this.#run(planned);
    this.#runs.set(planned.runId, run);
    return run;
  }

  async #run(planned: PlannedRun): Promise<void> {
    const { folders, onEvent, clock, startCluster, signal, around } = this.#options;
    const { path: stage, runId } = planned;
    const run = new RunFolder(folders, runId);
    const startedAtMs = clock.nowMs();
    if (planned.type === "taken" || isCompleted(run)) {
      onEvent({ type: "StageStarted", stage });
      onEvent({
        type: "StageFinished",
        stage,
        detail: `run ${runId} is taken as it is`,
        durationMs: 0,
      });
      return;
    }
    const { config, source, prices, plan } = planned;
    const progress = new SleeveProgress(stage, plan, onEvent);
    progress.start();
    try {
      const about = { config, folders, run, source, candidates: plan.candidates };
      const { model } = await around(about, () =>
        runProduction({
          config,
          folders,
          run,
          source,
          prices,
          startCluster,
          signal,
          clock,
          lakehouseTurn: this.#lakehouseTurn,
          onEvent: (event) => progress.take(event),
        }));
      const count = model.candidates.length;
      const detail = `${
        count === 1 ? "1 candidate" : `${count} candidates`
      } of ${config.profileName}`;
      onEvent({ type: "StageFinished", stage, detail, durationMs: clock.nowMs() - startedAtMs });
    } catch (error) {
      const durationMs = clock.nowMs() - startedAtMs;
      onEvent({ type: "StageFailed", stage, message: errorMessage(error), durationMs });
      throw error;
    }
  }
}
