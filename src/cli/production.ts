import { resolve } from "@std/path";
import { systemClock } from "../base/clock.ts";
import { errorMessage, UserError } from "../base/errors.ts";
import { runIdFromTime } from "../base/ids.ts";
import {
  type ClusterClient,
  connect,
  type EmbeddedCluster,
  startEmbeddedCluster,
} from "../../cluster/client/mod.ts";
import { FlowCancelledError, latestRun, openFlowStore } from "../flow/mod.ts";
import { describePrices, type PriceSource } from "../lakehouse/price_source.ts";
import type { Prices } from "../lakehouse/read_prices.ts";
import type { ProductionConfig } from "../manifest/config.ts";
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
import { print, printError, runCommand } from "./command.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import type { ParsedFlags } from "./flags.ts";
import {
  DEFAULT_OUT,
  PRODUCTION_COMMAND,
  type ProductionArguments,
  readProductionArguments,
} from "./production_arguments.ts";
import type { ProgressReporter } from "./progress/display.ts";
import { openStderrDisplay } from "./progress/stderr_display.ts";
import { readConfig } from "./read_config.ts";
import { renderSummary } from "./summary.ts";

/** A Ctrl-C arrives twice, from the terminal and from `deno task`, which passes it on: what comes so soon is no second
 * one. */
const SAME_SIGNAL_MS = 500;

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
  return await runUntilEndOrSignal(prepared, options);
}

async function prepare(options: ProductionArguments): Promise<PreparedRun> {
  const folders = outputFolders(options.out);
  await requireWritable(folders.root);
  const resumed = options.resume === undefined ? undefined : findResumable(options.resume, folders);
  const config = resumed === undefined
    ? await readConfig(options)
    : await readStoredConfig(resumed);
  let prices: Prices | undefined;
  const source = await describePrices(
    folders.lakehouse,
    config.prices,
    (read) => prices = read,
    config.data.interval,
  );
  const plan = planProduction(config, source);
  const run = resumed ?? new RunFolder(folders, options.runId ?? await freeRunId(folders));
  if (resumed === undefined && await exists(run.path)) {
    throw new UserError(`Cannot start run ${run.runId}: ${run.path} is there already`, {
      hint: `Go on with it by --resume ${run.runId}, or give another --run-id.`,
    });
  }
  return { config, folders, run, source, prices, plan };
}

function findResumable(
  resume: { readonly runId: string } | "latest",
  folders: OutputFolders,
): RunFolder {
  if (resume !== "latest") return new RunFolder(folders, resume.runId);
  using store = openFlowStore(folders.flowStore);
  const latest = latestRun(store, PRODUCTION_FLOW, { unfinished: true });
  if (latest === undefined) {
    throw new UserError(`Cannot resume: there is no unfinished run in ${folders.runs}`, {
      hint: "Start one without --resume.",
    });
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
    throw new UserError(`Cannot resume run ${run.runId}: ${reason}`, { cause });
  }
}

/** The time as a run id; with a number when that second has a run already. */
async function freeRunId(folders: OutputFolders): Promise<string> {
  const base = runIdFromTime(systemClock.nowMs());
  for (let ordinal = 1;; ordinal++) {
    const runId = ordinal === 1 ? base : `${base}-${ordinal}`;
    if (!await exists(`${folders.runs}/${runId}`)) return runId;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function runUntilEndOrSignal(
  prepared: PreparedRun,
  options: ProductionArguments,
): Promise<number> {
  const abort = new AbortController();
  let stoppedAtMs: number | undefined;
  const stop = () => {
    const nowMs = systemClock.nowMs();
    stoppedAtMs ??= nowMs;
    // The second Ctrl-C does not wait: the workers end when their parent is gone.
    if (nowMs - stoppedAtMs > SAME_SIGNAL_MS) Deno.exit(EXIT_CODES.interrupted);
    abort.abort(new Error("it was interrupted"));
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, stop);
  const display = openStderrDisplay({ quiet: options.isQuiet, clock: systemClock });
  const startedAtMs = systemClock.nowMs();
  const { run } = prepared;
  try {
    display.report({ type: "RunStarted", stages: STAGES });
    const completed = await runWithCluster(prepared, options, display, abort.signal);
    display.report({ type: "RunFinished", durationMs: systemClock.nowMs() - startedAtMs });
    display[Symbol.dispose]();
    print(options.isJson ? `${JSON.stringify(completed.summary)}\n` : summaryText(completed, run));
    return EXIT_CODES.ok;
  } catch (error) {
    if (error instanceof FlowCancelledError) {
      display.report({ type: "RunCancelled", reason: "interrupted" });
      display[Symbol.dispose]();
      printError(`Run ${run.runId} was stopped. Go on with it: ${resumeCommand(run, options)}`);
      return EXIT_CODES.interrupted;
    }
    display.report({ type: "RunFailed", message: errorMessage(error) });
    throw error;
  } finally {
    display[Symbol.dispose]();
  }
}

function resumeCommand({ runId }: RunFolder, { out }: ProductionArguments): string {
  const elsewhere = out === resolve(DEFAULT_OUT) ? "" : ` --out ${out}`;
  return `deno task production --resume ${runId}${elsewhere}`;
}

async function runWithCluster(
  prepared: PreparedRun,
  options: ProductionArguments,
  display: ProgressReporter,
  signal: AbortSignal,
): Promise<CompletedRun> {
  let client: ClusterClient | undefined;
  let cluster: Promise<EmbeddedCluster> | undefined;
  let slots = 0;
  try {
    return await runProduction({
      ...prepared,
      clock: systemClock,
      signal,
      onEvent: (event) => {
        // A task counts as running for the flow as soon as the head has it; a worker runs one at a time.
        const running = "running" in event ? { running: Math.min(event.running, slots) } : {};
        display.report({ ...event, ...running });
      },
      startCluster: async () => {
        if (options.cluster !== undefined) {
          slots = Infinity;
          return client = connect(options.cluster);
        }
        cluster = startEmbeddedCluster({
          workers: options.workers,
          logDir: prepared.run.logs,
          writableDirs: [prepared.folders.store],
          onNotice: (message) => display.report({ type: "Notice", message }),
        });
        const { client: embedded } = await cluster;
        slots = options.workers;
        display.report({ type: "WorkersChanged", connected: slots });
        return embedded;
      },
    });
  } finally {
    await client?.[Symbol.asyncDispose]();
    await (await cluster)?.[Symbol.asyncDispose]();
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
  const { train, test, step, engines, profiles, simulators } = config.backtest;
  return [
    `Run ${run.runId} would do, at most (what is in the cache is not done again):`,
    `  prices     ${source.path}: ${candidates.length} of ${source.symbols.length} symbols, the last ${rows} of ${source.rows} rows`,
    `  windows    ${windows}, train ${train} / test ${test} / step ${step}${
      config.backtest.anchored ? ", anchored" : ""
    }`,
    `  selection  ${selections} tasks: ${config.selection.mode}`,
    `  clustering ${clusterings} tasks`,
    `  optimise   ${optimisations} tasks: ${engines.join(", ")} × ${profiles.join(", ")}`,
    `  backtest   ${backtests} tasks: ${simulators.join(", ")}`,
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
