import { resolve } from "@std/path";
import { systemClock } from "../base/clock.ts";
import { errorMessage, UserError } from "../base/errors.ts";
import { latestRun, openFlowStore } from "../flow/mod.ts";
import { describePrices, type PriceSource } from "../lakehouse/prices/price_source.ts";
import type { Prices } from "../lakehouse/price_files/read_prices.ts";
import type { ProductionConfig } from "../manifest/config.ts";
import { checkOwn } from "../production/own/load_own.ts";
import { readPinned } from "../production/pinned_lakehouse.ts";
import { planProduction, type ProductionPlan } from "../production/plan.ts";
import { STAGES } from "../production/production_event.ts";
import { PRODUCTION_FLOW } from "../production/production_flow.ts";
import {
  type OutputFolders,
  outputFolders,
  requireWritable,
  RunFolder,
} from "../production/run_folder.ts";
import { type CompletedRun, runProduction } from "../production/run_production.ts";
import { print, runCommand } from "./command.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import type { ParsedFlags } from "./flags.ts";
import {
  DEFAULT_OUT,
  PRODUCTION_COMMAND,
  type ProductionArguments,
  readProductionArguments,
} from "./production_arguments.ts";
import type { ProgressReporter } from "./progress/display.ts";
import { readConfig } from "./read_config.ts";
import { RunCluster } from "./run_cluster.ts";
import { isThere } from "../base/if_there.ts";
import { freeRunId, requireNewRun } from "./run_ids.ts";
import { bringRun, withMirror } from "./run_storage.ts";
import { runStoppable } from "./stoppable_run.ts";
import { renderSummary } from "./summary.ts";

/** Everything that can be wrong with what the user gave has been checked. */
interface PreparedRun {
  readonly config: ProductionConfig;
  readonly folders: OutputFolders;
  readonly run: RunFolder;
  readonly source: PriceSource;
  readonly prices: Prices | undefined;
  readonly plan: ProductionPlan;
}

/** The command `production`.
 * @returns the exit code */
async function main({ flags }: ParsedFlags): Promise<number> {
  const options = readProductionArguments(flags);
  const prepared = await prepare(options);
  if (options.isDryRun) {
    print(renderPlan(prepared, options));
    return EXIT_CODES.ok;
  }
  const { run } = prepared;
  return await runStoppable({
    stages: STAGES,
    isQuiet: options.isQuiet,
    work: async (display, signal) => {
      const completed = await withMirror({
        ...prepared,
        candidates: prepared.plan.candidates,
        isOffline: options.isOffline,
        onNotice: (message) => display.report({ type: "Notice", message }),
      }, () => runWithCluster(prepared, options, display, signal));
      return options.isJson
        ? `${JSON.stringify(completed.summary)}\n`
        : summaryText(completed, run);
    },
    stopped: `Run ${run.runId} was stopped. Go on with it: ${resumeCommand(run, options)}`,
  });
}

async function prepare(options: ProductionArguments): Promise<PreparedRun> {
  const folders = outputFolders(options.out);
  await requireWritable(folders.root);
  const resumed = options.resume === undefined
    ? undefined
    : await findResumable(options.resume, folders, options.remote);
  const config = withStorage(
    resumed === undefined ? await readConfig(options) : await readStoredConfig(resumed),
    options,
  );
  let prices: Prices | undefined;
  const source = await describePrices(
    folders.lakehouse,
    config.prices,
    (read) => prices = read,
    {
      interval: config.data.interval,
      isOffline: options.isOffline,
      pinned: resumed === undefined ? undefined : await readPinned(resumed, config.prices),
    },
  );
  await checkOwn(config.own);
  const plan = planProduction(config, source);
  const run = resumed ?? new RunFolder(folders, options.runId ?? freeRunId(folders));
  if (resumed === undefined) requireNewRun(run);
  return { config, folders, run, source, prices, plan };
}

/** A run is mirrored where a flag says. */
function withStorage(
  config: ProductionConfig,
  { remote }: ProductionArguments,
): ProductionConfig {
  return remote === undefined ? config : { ...config, storage: { ...config.storage, remote } };
}

/** @param remote where a run is looked for that is not in the output folder */
async function findResumable(
  resume: { readonly runId: string } | "latest",
  folders: OutputFolders,
  remote: string | undefined,
): Promise<RunFolder> {
  if (resume !== "latest") {
    const run = new RunFolder(folders, resume.runId);
    return remote === undefined || isThere(run.path)
      ? run
      : await bringRun(remote, folders, resume.runId);
  }
  using store = openFlowStore(folders.flowStore);
  const latest = latestRun(store, PRODUCTION_FLOW, { unfinished: true });
  if (latest === undefined) {
    throw new UserError(
      "run/not-found",
      `Cannot resume: there is no unfinished run in ${folders.runs}`,
      {
        hint: "Start one without --resume.",
      },
    );
  }
  return new RunFolder(folders, latest.runId);
}

async function readStoredConfig(run: RunFolder): Promise<ProductionConfig> {
  try {
    return JSON.parse(await Deno.readTextFile(run.config)) as ProductionConfig;
  } catch (cause) {
    const reason = cause instanceof Deno.errors.NotFound
      ? `there is no ${run.config}`
      : errorMessage(cause);
    throw new UserError("run/not-resumable", `Cannot resume run ${run.runId}: ${reason}`, {
      cause,
    });
  }
}

function resumeCommand({ runId }: RunFolder, { out }: ProductionArguments): string {
  const elsewhere = out === resolve(DEFAULT_OUT) ? "" : ` --out ${out}`;
  return `deno task production --resume ${runId}${elsewhere}`;
}

async function runWithCluster(
  prepared: PreparedRun,
  { workers, cluster, hasDashboard }: ProductionArguments,
  display: ProgressReporter,
  signal: AbortSignal,
): Promise<CompletedRun> {
  await using runCluster = new RunCluster({
    cluster,
    workers,
    logDir: prepared.run.logs,
    writableDirs: [prepared.folders.store],
    display,
    dashboard: hasDashboard ? prepared.folders : undefined,
  });
  await runCluster.showDashboard();
  try {
    return await runProduction({
      ...prepared,
      clock: systemClock,
      signal,
      onEvent: (event) => {
        const running = "running" in event ? { running: runCluster.running(event.running) } : {};
        display.report({ ...event, ...running });
      },
      startCluster: () => runCluster.start(),
    });
  } finally {
    await runCluster.holdDashboard(signal);
  }
}

function renderPlan(
  { config, run, source, plan }: PreparedRun,
  options: ProductionArguments,
): string {
  const { candidates, rows, windows, selections, clusterings, optimisations, backtests } = plan;
  if (options.isJson) {
    return `${JSON.stringify({ run_id: run.runId, ...plan, parameters: config })}\n`;
  }
  const { train, test, step, engines, profiles, rebalance, simulators } = config.backtest;
  return [
    `Run ${run.runId} would do, at most (what is in the cache is not done again):`,
    `  prices     ${source.path}: ${candidates.length} of ${source.symbols.length} symbols, the last ${rows} of ${source.rows} rows`,
    `  windows    ${windows}, train ${train} / test ${test} / step ${step}${
      config.backtest.anchored ? ", anchored" : ""
    }`,
    `  selection  ${selections} tasks: ${config.selection.modes.join(", ")}`,
    `  clustering ${clusterings} tasks`,
    `  optimise   ${optimisations} tasks: ${engines.join(", ")} × ${profiles.join(", ")}`,
    `  backtest   ${backtests} tasks: rebalance ${rebalance.join(", ")} × ${simulators.join(", ")}`,
    ...plan.crossValidations === 0 ? [] : [
      `  cross-validation ${plan.crossValidations} tasks: splits trained, chains along all paths`,
    ],
    `  workers    ${options.cluster?.headUrl ?? `${options.workers} on this machine`}`,
    `  output     ${run.path}`,
    "",
  ].join("\n");
}

function summaryText({ model, summary }: CompletedRun, run: RunFolder): string {
  const { tasks } = summary;
  const cachedTasks = tasks.Cached ?? 0;
  const isTerminal = Deno.stdout.isTerminal();
  return renderSummary(model, {
    reportPath: run.reportHtml,
    elapsedMs: summary.duration_ms ?? 0,
    cachedTasks,
    totalTasks: cachedTasks + (tasks.Completed ?? 0),
  }, { color: isTerminal && !Deno.env.get("NO_COLOR"), width: isTerminal ? consoleColumns() : 0 });
}

function consoleColumns(): number {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return 0;
  }
}

if (import.meta.main) await runCommand(PRODUCTION_COMMAND, main);
