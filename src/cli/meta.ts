import { resolve } from "@std/path";
import { systemClock } from "../base/clock.ts";
import { errorMessage, UserError } from "../base/errors.ts";
import { latestRun, openFlowStore } from "../flow/mod.ts";
import { readDotEnv } from "../manifest/dot_env.ts";
import { loadMeta } from "../manifest/load_meta.ts";
import type { MetaConfig } from "../manifest/meta_config.ts";
import { META_STAGES } from "../production/meta/meta_event.ts";
import { META_FLOW } from "../production/meta/meta_flow.ts";
import { planMeta, type PlannedMeta, plannedRuns } from "../production/meta/plan_meta.ts";
import { checkOwn } from "../production/own/load_own.ts";
import { type CompletedMeta, runMeta } from "../production/meta/run_meta.ts";
import {
  type OutputFolders,
  outputFolders,
  requireWritable,
  RunFolder,
} from "../production/run_folder.ts";
import { print, runCommand } from "./command.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import type { ParsedFlags } from "./flags.ts";
import { MANIFEST_NAMES } from "./manifest_names.ts";
import { META_COMMAND, type MetaArguments, readMetaArguments } from "./meta_arguments.ts";
import { metaPlanJson, renderMetaPlan, renderPortfolios } from "./meta_text.ts";
import { DEFAULT_OUT } from "./production_arguments.ts";
import type { ProgressReporter } from "./progress/display.ts";
import { RunCluster } from "./run_cluster.ts";
import { freeRunId, requireNewRun } from "./run_ids.ts";
import { withMirror } from "./run_storage.ts";
import { runStoppable } from "./stoppable_run.ts";
import { renderSummary } from "./summary.ts";

/** The command `meta`.
 * @returns the exit code */
async function main({ flags }: ParsedFlags): Promise<number> {
  const options = readMetaArguments(flags);
  const folders = outputFolders(options.out);
  await requireWritable(folders.root);
  const planned = await prepare(options, folders);
  for (const { type, config } of plannedRuns(planned)) {
    if (type === "to run") await checkOwn(config.own);
  }
  if (options.isDryRun) {
    print(options.isJson ? `${JSON.stringify(metaPlanJson(planned))}\n` : renderMetaPlan(planned));
    return EXIT_CODES.ok;
  }
  const run = new RunFolder(folders, planned.runId);
  return await runStoppable({
    stages: stagesOf(planned),
    isQuiet: options.isQuiet,
    work: async (display, signal) => {
      const completed = await runWithCluster(planned, folders, options, display, signal);
      return options.isJson
        ? `${JSON.stringify(completed.summary)}\n`
        : summaryText(completed, run);
    },
    stopped: `Run ${run.runId} was stopped. Go on with it: ${resumeCommand(run, options)}`,
  });
}

async function prepare(options: MetaArguments, folders: OutputFolders): Promise<PlannedMeta> {
  if (options.resume !== undefined) {
    const run = findResumable(options.resume, folders);
    return await planMeta(await readStoredConfig(run), run.runId, folders);
  }
  const config = await loadMeta(options.manifestPath, {
    ...MANIFEST_NAMES,
    metaProfile: options.metaProfile,
    env: Deno.env.toObject(),
    dotEnv: await readDotEnv(".env"),
  });
  const runId = options.runId ?? freeRunId(folders);
  requireNewRun(new RunFolder(folders, runId));
  return await planMeta(config, runId, folders);
}

function findResumable(
  resume: NonNullable<MetaArguments["resume"]>,
  folders: OutputFolders,
): RunFolder {
  if (resume !== "latest") return new RunFolder(folders, resume.runId);
  using store = openFlowStore(folders.flowStore);
  const latest = latestRun(store, META_FLOW, { unfinished: true });
  if (latest !== undefined) return new RunFolder(folders, latest.runId);
  throw new UserError(
    "run/not-found",
    `Cannot resume: there is no unfinished meta-portfolio in ${folders.runs}`,
    {
      hint: "Start one without --resume.",
    },
  );
}

async function readStoredConfig(run: RunFolder): Promise<MetaConfig> {
  try {
    return JSON.parse(await Deno.readTextFile(run.metaConfig)) as MetaConfig;
  } catch (cause) {
    const isMissing = cause instanceof Deno.errors.NotFound;
    const reason = isMissing ? `there is no ${run.metaConfig}` : errorMessage(cause);
    throw new UserError(
      "run/not-resumable",
      `Cannot resume meta-portfolio ${run.runId}: ${reason}`,
      { cause },
    );
  }
}

/** The runs of the sleeves, the meta-portfolios within, then what is made of them. */
function stagesOf(planned: PlannedMeta): string[] {
  return [...plannedRuns(planned).map(({ path }) => path), ...nestedPaths(planned), ...META_STAGES];
}

function nestedPaths({ sleeves }: PlannedMeta): string[] {
  return sleeves.flatMap((sleeve) =>
    sleeve.type === "meta" ? [...nestedPaths(sleeve.nested), sleeve.path] : []
  );
}

async function runWithCluster(
  planned: PlannedMeta,
  folders: OutputFolders,
  { cluster, workers, isOffline, hasDashboard }: MetaArguments,
  display: ProgressReporter,
  signal: AbortSignal,
): Promise<CompletedMeta> {
  await using runCluster = new RunCluster({
    cluster,
    workers,
    logDir: new RunFolder(folders, planned.runId).logs,
    writableDirs: [folders.store],
    display,
    dashboard: hasDashboard ? folders : undefined,
  });
  await runCluster.showDashboard();
  try {
    return await runMeta({
      planned,
      folders,
      signal,
      clock: systemClock,
      startCluster: () => runCluster.start(),
      around: (run, work) =>
        withMirror({
          ...run,
          isOffline,
          onNotice: (message) => display.report({ type: "Notice", message }),
        }, work),
      onEvent: (event) => {
        const running = "running" in event ? { running: runCluster.running(event.running) } : {};
        display.report({ ...event, ...running });
      },
    });
  } finally {
    await runCluster.holdDashboard(signal);
  }
}

function resumeCommand({ runId }: RunFolder, { out }: MetaArguments): string {
  const elsewhere = out === resolve(DEFAULT_OUT) ? "" : ` --out ${out}`;
  return `deno task meta --resume ${runId}${elsewhere}`;
}

function summaryText({ summary, outcome }: CompletedMeta, run: RunFolder): string {
  const cachedTasks = summary.tasks.Cached ?? 0;
  const isTerminal = Deno.stdout.isTerminal();
  const target = {
    color: isTerminal && !Deno.env.get("NO_COLOR"),
    width: isTerminal ? consoleColumns() : 0,
  };
  return renderSummary(outcome.model, {
    reportPath: run.reportHtml,
    elapsedMs: summary.duration_ms ?? 0,
    cachedTasks,
    totalTasks: cachedTasks + (summary.tasks.Completed ?? 0),
  }, target) + renderPortfolios(outcome, run.portfolio);
}

function consoleColumns(): number {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return 0;
  }
}

if (import.meta.main) await runCommand(META_COMMAND, main);
