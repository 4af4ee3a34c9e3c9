import { isThere } from "../../base/if_there.ts";
import type { Json } from "../../base/canonical_json.ts";
import { systemClock } from "../../base/clock.ts";
import { errorMessage, UserError } from "../../base/errors.ts";
import { metaHash } from "../../manifest/load_meta.ts";
import type { MetaConfig, SleeveConfig } from "../../manifest/meta_config.ts";
import { backtest } from "../meta/backtest.ts";
import { readCompletedRun } from "../meta/completed_run.ts";
import { lookThrough } from "../meta/holdings.ts";
import { join } from "../meta/join.ts";
import type { MetaContext } from "../meta/meta_context.ts";
import type { PlannedSleeve } from "../meta/plan_meta.ts";
import { runSleeves } from "../meta/run_sleeves.ts";
import { cutMetaWindows, weigh } from "../meta/weights.ts";
import { type OutputFolders, outputFolders, RunFolder } from "../run_folder.ts";
import { findCodeChanges } from "./code_changes.ts";
import { hasResult, readRecordedRun, type RecordedStep } from "./recorded_run.ts";
import type { Replay } from "./replay_run.ts";
import { ReplayTrail } from "./replay_trail.ts";

/** The steps of a meta-portfolio that can be done again, in their order: each rests on those before it. */
export const REPLAYABLE_META_STEPS = [
  "sleeve",
  "join",
  "optimise",
  "backtest",
  "flatten",
] as const;

/** Whether a run is a meta-portfolio's. */
export function isMetaRun(root: string, runId: string): boolean {
  return isThere(new RunFolder(outputFolders(root), runId).metaConfig);
}

/** Does decisions of a meta-portfolio again, from the runs of its sleeves as they lie there: their ledgers, and their
 * returns by the hashes in these. Nothing is written into the output folder. What sleeves decided themselves is replayed
 * by their own runs.
 * @param root the output folder of the run
 * @param isWanted picks the steps; those without a result are left out
 * @throws {UserError} when no step with a result is wanted or one cannot be replayed, and when configuration, ledgers or
 * returns are not those of the run any more */
export async function replayMetaRun(
  root: string,
  runId: string,
  isWanted: (step: RecordedStep) => boolean,
): Promise<Replay> {
  const folders = outputFolders(root);
  const run = new RunFolder(folders, runId);
  const recorded = await readRecordedRun(run.ledger);
  const wanted = recorded.steps.filter((step) => hasResult(step) && isWanted(step));
  const last = lastKind(wanted, runId);
  const config = await readConfig(run, wanted);
  const steps = recorded.steps.filter((step) => step.manifestHash === wanted[0].manifestHash);
  const trail = new ReplayTrail(steps);
  const scratch = await Deno.makeTempDir({ prefix: "tradewind-replay-" });
  try {
    const sleeves = await recordedSleeves(folders, config, steps);
    await replaySteps(folders, scratch, { runId, config, trail, sleeves }, last);
    const replayed = trail.replayed.filter(({ recorded: step }) =>
      wanted.some((one) => one.intent === step.intent || restsOn(one, step))
    );
    return { steps: replayed, codeChanges: await findCodeChanges(recorded) };
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

/** The last kind of step that is wanted, by its place in {@linkcode REPLAYABLE_META_STEPS}. */
function lastKind(wanted: readonly RecordedStep[], runId: string): number {
  if (wanted.length === 0) {
    throw new UserError(
      "replay/no-step",
      `Cannot replay run ${runId}: no step with a result fits`,
      {
        hint: "deno task audit query RUN_ID shows the steps.",
      },
    );
  }
  const kinds = wanted.map((step) => {
    const kind = (REPLAYABLE_META_STEPS as readonly string[]).indexOf(step.step);
    if (kind >= 0) return kind;
    throw new UserError(
      "replay/not-replayable",
      `Cannot replay ${step.step} (intent ${step.intent}) of run ${runId}`,
      {
        hint: `What can be replayed of a meta-portfolio: ${REPLAYABLE_META_STEPS.join(", ")}.`,
      },
    );
  });
  return Math.max(...kinds);
}

async function readConfig(run: RunFolder, wanted: readonly RecordedStep[]): Promise<MetaConfig> {
  let config: MetaConfig, hash: string;
  try {
    config = JSON.parse(await Deno.readTextFile(run.metaConfig));
    hash = metaHash(config);
  } catch (cause) {
    const message = `Cannot replay: ${run.metaConfig} is no configuration: ${errorMessage(cause)}`;
    throw new UserError("replay/changed-input", message, { cause });
  }
  const other = wanted.find((step) => step.manifestHash !== hash);
  if (other === undefined) return config;
  throw new UserError(
    "replay/changed-input",
    `Cannot replay ${other.step} (intent ${other.intent}): it was done by the configuration ${other.manifestHash}, ` +
      `${run.metaConfig} has ${hash}`,
    { hint: "The file was changed since." },
  );
}

/** The sleeves that the run went on with, and the runs that they were taken from. */
async function recordedSleeves(
  folders: OutputFolders,
  config: MetaConfig,
  steps: readonly RecordedStep[],
): Promise<PlannedSleeve[]> {
  const sleeves = await Promise.all(config.sleeves.map(async (sleeve) => {
    const step = steps.findLast((one) =>
      one.step === "sleeve" && hasResult(one) && memberOf(one.context, "sleeve") === sleeve.id
    );
    return step === undefined
      ? []
      : [await asPlanned(folders, sleeve, String(memberOf(step.context, "run_id")))];
  }));
  return sleeves.flat();
}

async function asPlanned(
  folders: OutputFolders,
  sleeve: SleeveConfig,
  runId: string,
): Promise<PlannedSleeve> {
  const { id, candidate } = sleeve;
  const common = { id, path: id, candidate };
  if (sleeve.type === "meta") {
    return { ...common, type: "meta", nested: { runId, config: sleeve.nested, sleeves: [] } };
  }
  const config = sleeve.run_id === undefined
    ? sleeve.production
    : (await readCompletedRun(new RunFolder(folders, runId), id)).config;
  return { ...common, type: "profile", run: { type: "taken", runId, path: id, config } };
}

/** Sleeves are read where they are; all that is written goes into the scratch folder. */
async function replaySteps(
  folders: OutputFolders,
  scratch: string,
  { runId, config, trail, sleeves }: {
    readonly runId: string;
    readonly config: MetaConfig;
    readonly trail: ReplayTrail;
    readonly sleeves: readonly PlannedSleeve[];
  },
  last: number,
): Promise<void> {
  const scratchFolders = outputFolders(scratch);
  const run = new RunFolder(scratchFolders, runId);
  await run.create();
  const context: MetaContext = {
    config,
    folders: scratchFolders,
    run,
    trail,
    clock: systemClock,
    onEvent: () => {},
  };
  const isPast = (kind: typeof REPLAYABLE_META_STEPS[number]) =>
    last < REPLAYABLE_META_STEPS.indexOf(kind);
  const { outcomes } = await runSleeves({ ...context, folders }, sleeves, async () => {});
  if (isPast("join")) return;
  const joined = await join(context, outcomes);
  if (isPast("optimise")) return;
  const windows = cutMetaWindows(joined.returns.value.timestampsS.length, config);
  const allocated = await weigh(context, windows, joined);
  if (isPast("backtest")) return;
  const results = await backtest(context, allocated, joined);
  if (isPast("flatten")) return;
  await lookThrough(context, outcomes, windows, results, joined);
}

/** Whether a step rests on another one: all do on the sleeves and their join, a backtest on the weights of its profile,
 * the flattening on everything. */
function restsOn(step: RecordedStep, other: RecordedStep): boolean {
  const kindOf = ({ step }: RecordedStep) =>
    (REPLAYABLE_META_STEPS as readonly string[]).indexOf(step);
  if (kindOf(other) >= kindOf(step)) return false;
  if (other.step === "sleeve" || other.step === "join" || step.step === "flatten") return true;
  return memberOf(step.context, "profile") === memberOf(other.context, "profile");
}

function memberOf(value: Json, name: string): Json | undefined {
  return (value as Readonly<Record<string, Json>> | null)?.[name];
}
