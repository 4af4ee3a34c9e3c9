import type { Json } from "../../base/canonical_json.ts";
import { systemClock } from "../../base/clock.ts";
import { errorMessage, UserError } from "../../base/errors.ts";
import { panelHash, readPanelParquet } from "../../lakehouse/parquet/panel_parquet.ts";
import type { PinnedVersion } from "../../lakehouse/pinned_version.ts";
import {
  describePriceTables,
  isLakehouse,
  type PriceSource,
} from "../../lakehouse/prices/price_source.ts";
import type { ProductionConfig } from "../../manifest/config.ts";
import { manifestHash } from "../../manifest/load_manifest.ts";
import type { CalendarId } from "../../quant/calendars/session_calendar.ts";
import { audit } from "../audit.ts";
import type { ProductionContext } from "../context.ts";
import { readPinned } from "../pinned_lakehouse.ts";
import { computeReturns } from "../returns.ts";
import { outputFolders, RunFolder } from "../run_folder.ts";
import { StageClock } from "../stage_clock.ts";
import { findCodeChanges } from "./code_changes.ts";
import { DecisionChain } from "./decision_chain.ts";
import { hasResult, readRecordedRun, type RecordedRun, type RecordedStep } from "./recorded_run.ts";
import { type ReplayedStep, ReplayTrail } from "./replay_trail.ts";

/** Steps that decide something and can be done again. What `fetch` and `report` do rests on the world outside: a price
 * file, the time of day. */
export const REPLAYABLE_STEPS = [
  "audit",
  "returns",
  "selection",
  "clustering",
  "regime",
  "optimise",
  "backtest",
  "cross-training",
  "cross-validation",
] as const;

/** What a replay came to. */
export interface Replay {
  /** The steps that were asked for and those that they rest on, in the order of the ledger. */
  readonly steps: readonly ReplayedStep[];
  /** What differs between the code that made the run and the code that replays it; empty when nothing is known to. */
  readonly codeChanges: readonly string[];
}

/** Does decisions of a run again, from the data and the configuration whose hashes the ledger holds, and compares them with
 * the ledger. Nothing is written into the output folder.
 * @param root the output folder of the run
 * @param isWanted picks the steps; of those that it picks, steps without a result are left out
 * @throws {UserError} when no step with a result is wanted or one cannot be replayed, and when the ledger, the
 * configuration, the returns or the prices are not those of the run any more */
export async function replayRun(
  root: string,
  runId: string,
  isWanted: (step: RecordedStep) => boolean,
): Promise<Replay> {
  const run = new RunFolder(outputFolders(root), runId);
  const recorded = await readRecordedRun(run.ledger);
  const wanted = recorded.steps.filter((step) => hasResult(step) && isWanted(step));
  checkWanted(wanted, runId);
  const config = await readConfig(run, wanted);
  const scratch = await Deno.makeTempDir({ prefix: "tradewind-replay-" });
  try {
    const hash = wanted[0].manifestHash;
    const trail = new ReplayTrail(recorded.steps.filter((step) => step.manifestHash === hash));
    const context = await replayContext(root, scratch, run, config, recorded, trail);
    await replaySteps(wanted, context, trail, run, recorded);
    return { steps: trail.replayed, codeChanges: await findCodeChanges(recorded) };
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

function checkWanted(wanted: readonly RecordedStep[], runId: string): void {
  if (wanted.length === 0) {
    throw new UserError(
      "replay/no-step",
      `Cannot replay run ${runId}: no step with a result fits`,
      {
        hint: "deno task audit query RUN_ID shows the steps.",
      },
    );
  }
  const odd = wanted.find(({ step }) => !(REPLAYABLE_STEPS as readonly string[]).includes(step));
  if (odd !== undefined) {
    throw new UserError(
      "replay/not-replayable",
      `Cannot replay ${odd.step} (intent ${odd.intent}) of run ${runId}`,
      {
        hint: `What can be replayed: ${REPLAYABLE_STEPS.join(", ")}.`,
      },
    );
  }
}

/** The configuration of the run, which is known to be that one by its hash. */
async function readConfig(
  run: RunFolder,
  wanted: readonly RecordedStep[],
): Promise<ProductionConfig> {
  let config: ProductionConfig, hash: string;
  try {
    config = JSON.parse(await Deno.readTextFile(run.config));
    hash = manifestHash(config);
  } catch (cause) {
    throw new UserError(
      "replay/changed-input",
      `Cannot replay: ${run.config} is no configuration: ${errorMessage(cause)}`,
      {
        cause,
      },
    );
  }
  const other = wanted.find((step) => step.manifestHash !== hash);
  if (other === undefined) return config;
  throw new UserError(
    "replay/changed-input",
    `Cannot replay ${other.step} (intent ${other.intent}): it was done by the configuration ${other.manifestHash}, ` +
      `${run.config} has ${hash}`,
    { hint: "The file was changed, or the run was resumed with another configuration since." },
  );
}

/** The lakehouse is the run's own and is only read; all that is written goes into the scratch folder. */
async function replayContext(
  root: string,
  scratch: string,
  { runId }: RunFolder,
  config: ProductionConfig,
  recorded: RecordedRun,
  trail: ReplayTrail,
): Promise<ProductionContext> {
  const folders = { ...outputFolders(scratch), lakehouse: outputFolders(root).lakehouse };
  const run = new RunFolder(folders, runId);
  await run.create();
  const sha256 = memberOf(lastResult(recorded, "returns").inputs, "prices") as string;
  return {
    config,
    folders,
    run,
    source: await sourceOf(
      config,
      sha256,
      await readPinned(new RunFolder(outputFolders(root), runId), config.prices),
    ),
    prices: undefined,
    trail,
    stages: new StageClock(systemClock, () => {}),
    clock: systemClock,
  };
}

/** The tables that a price file was written into are found by its hash: nobody reads the file. Those of a lakehouse that
 * was only read are of the version that the run had. */
async function sourceOf(
  { prices: path, data }: ProductionConfig,
  sha256: string,
  pinned: PinnedVersion | undefined,
): Promise<PriceSource> {
  if (await isLakehouse(path)) {
    return await describePriceTables(path, { interval: data.interval, pinned });
  }
  return { type: "file", path, sha256, symbols: [], rows: 0, fromS: 0, toS: 0 };
}

async function replaySteps(
  wanted: readonly RecordedStep[],
  context: ProductionContext,
  trail: ReplayTrail,
  run: RunFolder,
  recorded: RecordedRun,
): Promise<void> {
  let opened: Promise<DecisionChain> | undefined;
  for (const one of wanted) {
    // Done already, by a step that rests on it or by another execution of the run.
    if (trail.has(one)) continue;
    const { step, context: about } = one;
    if (step === "audit") {
      const candidates = memberOf(lastResult(recorded, "discovery").outputs, "symbols");
      await audit(context, candidates as string[]);
    } else if (step === "returns") {
      const { outputs } = lastResult(recorded, "audit");
      await computeReturns(
        context,
        memberOf(outputs, "usable") as string[],
        memberOf(outputs, "calendar") as CalendarId,
      );
    } else {
      opened ??= openChain(context, run, recorded);
      await replayDecision(await opened, step, about);
    }
  }
}

async function replayDecision(chain: DecisionChain, step: string, about: Json): Promise<void> {
  if (step === "cross-training") {
    return void await chain.crossTrain(memberOf(about, "split") as number);
  }
  const window = memberOf(about, "window") as number;
  const name = (member: string) => memberOf(about, member) as string;
  const selection = name("selection");
  if (step === "selection") return void await chain.select(window ?? 0, selection);
  if (step === "regime") return await chain.readRegimes();
  if (step === "clustering") return void await chain.cluster(window, selection);
  const weights = { selection, engine: name("engine"), profile: name("profile") };
  if (step === "optimise") await chain.optimise(window, weights);
  else if (step === "cross-validation") {
    await chain.crossTest({ ...weights, rebalance: name("rebalance") });
  } else {
    const candidate = { ...weights, rebalance: name("rebalance"), simulator: name("simulator") };
    await chain.backtest(candidate);
  }
}

/** Opens the returns of the run, which are known to be those by their hash. */
async function openChain(
  context: ProductionContext,
  run: RunFolder,
  recorded: RecordedRun,
): Promise<DecisionChain> {
  const panel = await readReturns(run.returns);
  const hash = panelHash(panel);
  const expected = memberOf(lastResult(recorded, "returns").outputs, "returns");
  if (hash !== expected) {
    throw new UserError(
      "replay/changed-input",
      `Cannot replay: the returns of ${run.returns} have the hash ${hash}, the run had ${expected}`,
      {
        hint: "The file was changed since; a run with the same prices and settings writes it anew.",
      },
    );
  }
  const calendar = memberOf(lastResult(recorded, "returns").outputs, "calendar");
  return new DecisionChain(context, panel, calendar as CalendarId);
}

async function readReturns(path: string): ReturnType<typeof readPanelParquet> {
  try {
    return await readPanelParquet(path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new UserError("replay/changed-input", `Cannot replay: there is no ${path}`, { cause });
  }
}

/** The newest result of a step of which a run has one. */
function lastResult({ steps }: RecordedRun, name: string): RecordedStep {
  const found = steps.findLast((step) => step.step === name && hasResult(step));
  if (found !== undefined) return found;
  throw new UserError(
    "ledger/damaged",
    `Cannot replay: the ledger has no result of the step ${name}`,
  );
}

function memberOf(value: Json, name: string): Json | undefined {
  return (value as Readonly<Record<string, Json>> | null)?.[name];
}
