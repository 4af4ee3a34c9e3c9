import type { Json } from "../../base/canonical_json.ts";
import { UserError } from "../../base/errors.ts";
import { sha256Hex } from "../../base/hash.ts";
import { type Column, numbersOf } from "../../lakehouse/columns.ts";
import { readColumns } from "../../lakehouse/parquet/parquet_file.ts";
import { verifyLedger } from "../../ledger/mod.ts";
import type { SleeveChoice } from "../../manifest/meta_config.ts";
import type { CalendarId } from "../../quant/calendars/session_calendar.ts";
import type { Contribution, WeightedSleeve } from "../../quant/meta/flatten_sleeves.ts";
import type { SleeveReturns } from "../../quant/meta/join_sleeves.ts";
import { ANY } from "../grid.ts";
import { hasResult, readRecordedRun, type RecordedStep } from "../replay/recorded_run.ts";
import { type OutputFolders, RunFolder } from "../run_folder.ts";
import { artifactPath } from "../tasks/artifact_store.ts";

/** What a sleeve holds from a day on. */
export interface SleeveDecision {
  /** Seconds since the Unix epoch. */
  readonly atS: number;
  readonly holds: WeightedSleeve["holds"];
}

/** A sleeve's run, as far as a meta-portfolio looks into it. */
export interface SleeveOutcome extends SleeveReturns {
  readonly path: string;
  readonly runId: string;
  /** The head of the run's ledger. */
  readonly ledgerHash: string;
  /** Which candidate of the run it is: engine, profile, simulator and whatever else tells candidates apart. */
  readonly candidate: Readonly<Record<string, Json>>;
  /** Of the file of its returns. */
  readonly returnsSha256: string;
  /** Of the file of its weights. */
  readonly weightsSha256: string;
  readonly calendar: CalendarId;
  /** In the order of time. */
  readonly decisions: readonly SleeveDecision[];
}

/** Which run a sleeve is read from. */
export interface SleeveSource {
  readonly id: string;
  readonly path: string;
  readonly runId: string;
  readonly choice: SleeveChoice;
  /** Whether the run is a meta-portfolio's own. */
  readonly isMeta: boolean;
}

/** The profile that is taken where a sleeve does not say which. */
const DEFAULT_PROFILE = "hrp";

/** Reads a sleeve from its completed run: its returns by the hash that the ledger has of them.
 * @throws {UserError} naming the sleeve: a ledger that does not verify, a candidate that the run does not have, a file
 * that is missing or was changed */
export async function readSleeve(
  folders: OutputFolders,
  { id, path, runId, choice, isMeta }: SleeveSource,
): Promise<SleeveOutcome> {
  const run = new RunFolder(folders, runId);
  const verdict = await verifyLedger(run.ledger);
  if (!verdict.ok) {
    throw new UserError(
      "ledger/damaged",
      `Cannot take run ${runId} for sleeve ${path}: line ${verdict.firstBad?.line} of its ledger is bad, ${verdict.firstBad?.reason}`,
    );
  }
  const { steps } = await readRecordedRun(run.ledger);
  const backtest = chosenBacktest(steps, choice, runId, path);
  const candidate = backtest.context as Readonly<Record<string, Json>>;
  const returnsSha256 = String(memberOf(backtest.outputs, "returns"));
  const file = artifactPath(folders.store, {
    sha256: returnsSha256,
    sizeBytes: 0,
    extension: ".parquet",
  });
  const series = await readVerified(file, path, returnsSha256);
  const weightsFile = isMeta ? run.holdings : run.weights;
  const weights = await readVerified(weightsFile, path);
  return {
    id,
    path,
    runId,
    ledgerHash: verdict.headHash,
    candidate,
    returnsSha256,
    weightsSha256: weights.sha256,
    calendar: calendarOf(steps, isMeta ? "join" : "returns", runId),
    timestampsS: numbersOf(series.columns, "timestamp"),
    returns: numbersOf(series.columns, "return"),
    decisions: decisionsOf(weights.columns, candidate, isMeta),
  };
}

/** The first backtest of the run, in the order of its grid, that fits the choice; hrp where a profile is not chosen. A
 * profile that does not depend on the engine fits every engine. What came of it does not count. */
function chosenBacktest(
  steps: readonly RecordedStep[],
  choice: SleeveChoice,
  runId: string,
  path: string,
): RecordedStep {
  const fitting = steps.filter((step) =>
    step.step === "backtest" && hasResult(step) &&
    Object.entries(choice).every(([key, value]) => {
      const found = memberOf(step.context, key);
      return found === value || found === ANY;
    })
  );
  const preferred = choice.profile === undefined
    ? fitting.find(({ context }) => memberOf(context, "profile") === DEFAULT_PROFILE)
    : undefined;
  const chosen = preferred ?? fitting[0];
  if (chosen !== undefined) return chosen;
  throw new UserError(
    "meta/unfit-run",
    `Cannot take run ${runId} for sleeve ${path}: its ledger has no backtest of ${
      JSON.stringify(choice)
    }`,
  );
}

interface VerifiedFile {
  readonly sha256: string;
  readonly columns: readonly Column[];
}

async function readVerified(
  file: string,
  path: string,
  expected?: string,
): Promise<VerifiedFile> {
  try {
    const sha256 = sha256Hex(await Deno.readFile(file));
    if (expected !== undefined && sha256 !== expected) {
      throw new UserError(
        "meta/changed-file",
        `Cannot read sleeve ${path}: ${file} has the hash ${sha256}, the ledger of its run says ${expected}`,
      );
    }
    return { sha256, columns: await readColumns(file) };
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new UserError("meta/changed-file", `Cannot read sleeve ${path}: there is no ${file}`, {
      hint: "Give the run of the sleeve anew, without run_id.",
      cause,
    });
  }
}

function calendarOf(steps: readonly RecordedStep[], step: string, runId: string): CalendarId {
  const found = steps.findLast((one) => one.step === step && hasResult(one));
  const calendar = found && memberOf(found.outputs, "calendar");
  if (typeof calendar === "string") return calendar as CalendarId;
  throw new UserError("meta/unfit-run", `Cannot take run ${runId}: its ledger tells no calendar`);
}

/** The columns that tell candidates apart in a table of weights, as far as it has them. */
const CANDIDATE_COLUMNS = ["selection", "engine", "profile"];

function decisionsOf(
  columns: readonly Column[],
  candidate: Readonly<Record<string, Json>>,
  isMeta: boolean,
): SleeveDecision[] {
  const filters = CANDIDATE_COLUMNS.flatMap((name) => {
    const values = columns.find((column) => column.name === name)?.values;
    return values === undefined || candidate[name] === undefined ? [] : [{ name, values }];
  });
  const times = numbersOf(columns, isMeta ? "date" : "test_start");
  const rowsByTime = new Map<number, number[]>();
  for (let row = 0; row < times.length; row++) {
    if (!filters.every(({ name, values }) => values[row] === candidate[name])) continue;
    const rows = rowsByTime.get(times[row]);
    if (rows === undefined) rowsByTime.set(times[row], [row]);
    else rows.push(row);
  }
  return [...rowsByTime].sort(([a], [b]) => a - b).map(([atS, rows]) => ({
    atS,
    holds: isMeta
      ? { type: "contributions", contributions: contributionsOf(columns, rows) }
      : { type: "assets", weights: weightsOf(columns, rows) },
  }));
}

function weightsOf(columns: readonly Column[], rows: readonly number[]): Map<string, number> {
  const symbols = textsOf(columns, "symbol");
  const weights = numbersOf(columns, "weight");
  return new Map(rows.map((row) => [symbols[row], weights[row]]));
}

function contributionsOf(columns: readonly Column[], rows: readonly number[]): Contribution[] {
  const symbols = textsOf(columns, "symbol");
  const paths = textsOf(columns, "sleeve");
  const sleeveWeights = numbersOf(columns, "sleeve_weight");
  const assetWeights = numbersOf(columns, "asset_weight");
  return rows.map((row) => ({
    symbol: symbols[row],
    path: paths[row],
    sleeveWeight: sleeveWeights[row],
    assetWeight: assetWeights[row],
  }));
}

function textsOf(columns: readonly Column[], name: string): readonly string[] {
  const column = columns.find((candidate) => candidate.name === name);
  if (column?.dtype === "utf8") return column.values as readonly string[];
  throw new TypeError(`Cannot take texts from column "${name}": ${column ? "numbers" : "absent"}`);
}

function memberOf(value: Json, name: string): Json | undefined {
  return (value as Readonly<Record<string, Json>> | null)?.[name];
}
