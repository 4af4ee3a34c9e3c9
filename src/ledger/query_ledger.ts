import type { DataFrame } from "nodejs-polars";
import { canonicalJson, type Json } from "../base/canonical_json.ts";
import { errorMessage, UserError } from "../base/errors.ts";
import { type LedgerRecord, readLedger } from "./read_ledger.ts";

/** Members of a step's context that have a column of their own, and can be asked for. */
export const CONTEXT_COLUMNS = ["window", "engine", "profile", "simulator"] as const;

/** Which steps are wanted: those to which all that is given here applies, written as text. */
export interface LedgerFilter {
  /** The kind of step, for instance `optimise`. */
  readonly step?: string;
  /** The number of the window. */
  readonly window?: string;
  readonly engine?: string;
  readonly profile?: string;
  readonly simulator?: string;
  /** As in outcomes; `open` for steps without one. */
  readonly status?: string;
}

/** The steps of a ledger as a table, an intent with its outcome in one row: `intent`, `step`, the columns of the context
 * (null where a step has no such member), `status`, `started_at`, `ended_at` (ISO 8601, UTC), `duration_ms`, `line` of
 * the intent, `outcome_line`, and as JSON `context`, `inputs` and `outputs`. Memory grows with the rows that are wanted.
 * @throws {UserError} naming file and line, when one is bad
 * @throws {Deno.errors.NotFound} when there is no such file */
export async function queryLedger(path: string, filter: LedgerFilter = {}): Promise<DataFrame> {
  const rows = new Map<number, StepRow>();
  await readLedger(path, (record) => {
    if (record.type === "intent") {
      const named = namesOf(record);
      if (!NAMES.every((name) => isWanted(named[name], filter[name]))) return;
      const row = openRow(record, named);
      rows.set(row.intent, row);
    } else if (record.type === "outcome") {
      const row = rows.get(record.members["intent"] as number);
      if (row !== undefined) endRow(row, record);
    }
  });
  return await toFrame([...rows.values()].filter(({ status }) => isWanted(status, filter.status)));
}

/** Asks a table of steps in SQL, as `steps`.
 * @throws {UserError} with what Polars says of a query that it cannot run */
export async function selectSteps(steps: DataFrame, sql: string): Promise<DataFrame> {
  const { default: pl } = await import("nodejs-polars");
  try {
    return pl.SQLContext({ steps }).execute(sql, { eager: true });
  } catch (cause) {
    throw new UserError("ledger/bad-query", `Cannot run the query: ${errorMessage(cause)}`, {
      hint: `The table is called steps; its columns are ${steps.columns.join(", ")}.`,
      cause,
    });
  }
}

/** One step; what its outcome says is null while it is open. */
interface StepRow {
  readonly intent: number;
  readonly step: string;
  readonly window: string | null;
  readonly engine: string | null;
  readonly profile: string | null;
  readonly simulator: string | null;
  status: string;
  readonly started_at: string;
  ended_at: string | null;
  readonly line: number;
  outcome_line: number | null;
  readonly context: string;
  readonly inputs: string;
  outputs: string | null;
}

/** What a step can be asked for when it begins. */
const NAMES = ["step", ...CONTEXT_COLUMNS] as const;

type StepNames = Pick<StepRow, typeof NAMES[number]>;

function namesOf({ members }: LedgerRecord): StepNames {
  const context = members["context"] as Readonly<Record<string, Json>> | null;
  return {
    step: members["step"] as string,
    window: textOf(context?.["window"]),
    engine: textOf(context?.["engine"]),
    profile: textOf(context?.["profile"]),
    simulator: textOf(context?.["simulator"]),
  };
}

function openRow({ members, line }: LedgerRecord, names: StepNames): StepRow {
  return {
    intent: members["intent"] as number,
    ...names,
    status: "open",
    started_at: String(members["at"]),
    ended_at: null,
    line,
    outcome_line: null,
    context: jsonOf(members["context"]),
    inputs: jsonOf(members["inputs"]),
    outputs: null,
  };
}

function endRow(row: StepRow, { members, line }: LedgerRecord): void {
  row.status = String(members["status"]);
  row.ended_at = String(members["at"]);
  row.outcome_line = line;
  row.outputs = jsonOf(members["outputs"]);
}

function textOf(value: Json | undefined): string | null {
  return typeof value === "string" || typeof value === "number" ? String(value) : null;
}

function jsonOf(value: Json | undefined): string {
  return canonicalJson(value ?? null);
}

function isWanted(value: string | null, wanted: string | undefined): boolean {
  return wanted === undefined || value === wanted;
}

async function toFrame(rows: readonly StepRow[]): Promise<DataFrame> {
  const { default: pl } = await import("nodejs-polars");
  const texts = (name: keyof StepRow) =>
    pl.Series(name, rows.map((row) => row[name] as string | null), pl.Utf8);
  const numbers = (name: string, valueOf: (row: StepRow) => number | null) =>
    pl.Series(name, rows.map(valueOf), pl.Float64).cast(pl.Int64);
  return pl.DataFrame([
    numbers("intent", ({ intent }) => intent),
    texts("step"),
    numbers("window", ({ window }) => window === null ? null : wholeNumber(window)),
    texts("engine"),
    texts("profile"),
    texts("simulator"),
    texts("status"),
    texts("started_at"),
    texts("ended_at"),
    numbers("duration_ms", durationMs),
    numbers("line", ({ line }) => line),
    numbers("outcome_line", ({ outcome_line }) => outcome_line),
    texts("context"),
    texts("inputs"),
    texts("outputs"),
  ]);
}

function wholeNumber(text: string): number | null {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}

function durationMs({ started_at, ended_at }: StepRow): number | null {
  const duration = ended_at === null ? NaN : Date.parse(ended_at) - Date.parse(started_at);
  return Number.isNaN(duration) ? null : duration;
}
