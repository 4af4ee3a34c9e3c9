import { errorMessage } from "../base/errors.ts";
import { numbersOf } from "../lakehouse/columns.ts";
import type { Lakehouse } from "../lakehouse/lakehouse.ts";
import { PRICES_SCHEMA } from "../lakehouse/prices/prices_schema.ts";
import { priceTableName } from "../lakehouse/prices/symbol.ts";
import type { SymbolRecord } from "../lakehouse/prices/symbols_table.ts";
import type { CalendarId } from "../quant/calendars/session_calendar.ts";
import { Coverage } from "./coverage.ts";
import { isRebased, missingRanges, wantedRange } from "./fetch_plan.ts";
import { intervalSeconds } from "./interval.ts";
import { joinBars } from "./join_bars.ts";
import type { BarPage, BarSource } from "./sources/bar_source.ts";
import { TableCommits } from "./table_commits.ts";
import type { TimeRange } from "./time_ranges.ts";

/** Bars before the missing ones that are asked for as well, to see whether a source of adjusted prices has changed the
 * past; enough to reach over a long weekend. */
const OVERLAP_BARS = 5;
/** Pages of one symbol that are committed together. */
const PAGES_PER_COMMIT = 10;
/** Symbols that are fetched at once; how fast their sources are asked is for these to say. */
const SYMBOLS_AT_ONCE = 8;

/** What is to be fetched, and with what. */
export interface FetchSettings {
  readonly lake: Lakehouse;
  /** By name. */
  readonly sources: ReadonlyMap<string, BarSource>;
  readonly interval: string;
  /** Rows that a run looks back over. */
  readonly lookback: number;
  readonly nowS: number;
  readonly signal: AbortSignal;
  /** Called after each symbol. */
  readonly onFetched: (fetched: FetchedTable) => void;
}

/** What a fetch did for one symbol. */
export interface FetchedTable {
  readonly symbol: string;
  readonly table: string;
  /** `fresh`: nothing had to be asked · `updated`: bars were added · `replaced`: the source told another past, so all of
   * it was taken anew · `failed`: see the reason; what had come is kept. */
  readonly status: "fresh" | "updated" | "replaced" | "failed";
  /** Bars that came. */
  readonly bars: number;
  readonly reason: string | null;
}

/** What a fetch would ask for one symbol. */
export interface PlannedFetch {
  readonly record: SymbolRecord;
  readonly table: string;
  readonly wanted: TimeRange;
  /** Empty when it is fresh; sources that tell all at once are asked for all. */
  readonly missing: readonly TimeRange[];
}

/** Plans a fetch: for each symbol the time that no answer has covered. */
export function planFetch(
  records: readonly SymbolRecord[],
  coverage: Coverage,
  { interval, lookback, nowS, sources }: Pick<
    FetchSettings,
    "interval" | "lookback" | "nowS" | "sources"
  >,
): PlannedFetch[] {
  const intervalS = intervalSeconds(interval);
  return records.map((record) => {
    const calendar = record.calendar as CalendarId;
    const table = priceTableName(record.symbol, interval);
    const wanted = wantedRange({ calendar, intervalS, lookback, nowS });
    const answered = coverage.ranges(table, "answered");
    const missing = sources.get(record.source)?.fingerprint === undefined
      ? missingRanges(wanted, answered, { calendar, intervalS })
      : [wanted];
    return { record, table, wanted, missing };
  });
}

/** Brings the tables of symbols up to date: asks for what is missing, joins it to what is there, the newer bar winning,
 * and commits as it goes on, so that a fetch that was stopped goes on from there. A symbol that fails does not stop the
 * others.
 * @returns one entry a symbol, in their order
 * @throws the signal's reason once it is aborted; what had come is committed */
export async function fetchTables(
  records: readonly SymbolRecord[],
  settings: FetchSettings,
): Promise<FetchedTable[]> {
  const coverage = await Coverage.read(settings.lake);
  const commits = new TableCommits(settings.lake, coverage);
  const planned = planFetch(records, coverage, settings);
  const results = new Array<FetchedTable>(planned.length);
  let next = 0;
  const lane = async () => {
    while (next < planned.length && !settings.signal.aborted) {
      const index = next++;
      results[index] = await fetchOrFail(planned[index], settings, coverage, commits);
      settings.onFetched(results[index]);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(SYMBOLS_AT_ONCE, planned.length) }, lane));
  } finally {
    await commits.flush();
  }
  settings.signal.throwIfAborted();
  return results;
}

async function fetchOrFail(
  plan: PlannedFetch,
  settings: FetchSettings,
  coverage: Coverage,
  commits: TableCommits,
): Promise<FetchedTable> {
  const { record: { symbol, source }, table, missing } = plan;
  const outcome = { symbol, table, bars: 0, reason: null };
  try {
    const from = settings.sources.get(source);
    if (from === undefined) throw new Error(`sources has no ${source}`);
    if (from.fingerprint !== undefined) {
      return { ...outcome, ...await takeWhole(plan, from, settings, commits) };
    }
    if (missing.length === 0) return { ...outcome, status: "fresh" };
    return { ...outcome, ...await takeMissing(plan, from, settings, coverage, commits) };
  } catch (error) {
    return { ...outcome, status: "failed", reason: errorMessage(error) };
  }
}

type Taken = Pick<FetchedTable, "status" | "bars">;

/** A source that tells everything at once is read when what it would tell has changed. */
async function takeWhole(
  { record, table, wanted }: PlannedFetch,
  source: BarSource,
  { lake, interval, signal }: FetchSettings,
  commits: TableCommits,
): Promise<Taken> {
  const sha256 = await source.fingerprint!(record.ticker);
  if ((await lake.list()).get(table)?.sourceSha256 === sha256) return { status: "fresh", bars: 0 };
  const request = { ticker: record.ticker, interval, range: wanted };
  const pages: BarPage[] = [];
  for await (const page of source.bars(request, signal)) pages.push(page);
  const bars = joinBars(pages.map(({ bars }) => bars));
  await commits.add({ table, bars, mode: "replace", answered: [], sourceSha256: sha256 });
  return { status: "replaced", bars: bars.close.length };
}

async function takeMissing(
  plan: PlannedFetch,
  source: BarSource,
  settings: FetchSettings,
  coverage: Coverage,
  commits: TableCommits,
): Promise<Taken> {
  const { table, wanted, missing } = plan;
  const stored = await storedCloses(table, settings.lake);
  let bars = 0;
  for (const range of missing) {
    const overlapS = stored.size > 0 && source.isAdjusted
      ? OVERLAP_BARS * intervalSeconds(settings.interval)
      : 0;
    const asked = { fromS: range.fromS - overlapS, toS: range.toS + overlapS };
    const toS = Math.min(asked.toS, Math.max(wanted.toS, range.toS));
    const taken = await takeRange(plan, { ...asked, toS }, source, settings, commits, stored);
    if (taken === "rebased") {
      const answered = coverage.ranges(table, "answered");
      const fromS = Math.min(wanted.fromS, ...answered.map((known) => known.fromS));
      return await replaceAll(plan, { fromS, toS: wanted.toS }, source, settings, commits);
    }
    bars += taken;
  }
  return { status: "updated", bars };
}

/** @returns how many bars came, or that the source tells another past than the one stored */
async function takeRange(
  { record, table }: PlannedFetch,
  range: TimeRange,
  source: BarSource,
  { interval, signal }: FetchSettings,
  commits: TableCommits,
  stored: ReadonlyMap<number, number>,
): Promise<number | "rebased"> {
  let waiting: BarPage[] = [], bars = 0;
  const commit = async () => {
    const joined = joinBars(waiting.map((page) => page.bars));
    const answered = waiting.map((page) => page.range);
    waiting = [];
    await commits.add({ table, bars: joined, mode: "merge", answered, sourceSha256: null });
  };
  try {
    for await (const page of source.bars({ ticker: record.ticker, interval, range }, signal)) {
      if (source.isAdjusted && isRebased(stored, page.bars)) return "rebased";
      waiting.push(page);
      bars += page.bars.close.length;
      if (waiting.length === PAGES_PER_COMMIT) await commit();
    }
  } finally {
    // Of a source that fails on a later page, the earlier ones are kept.
    if (waiting.length > 0) await commit();
  }
  return bars;
}

async function replaceAll(
  { record, table }: PlannedFetch,
  range: TimeRange,
  source: BarSource,
  { interval, signal }: FetchSettings,
  commits: TableCommits,
): Promise<Taken> {
  const pages: BarPage[] = [];
  for await (const page of source.bars({ ticker: record.ticker, interval, range }, signal)) {
    pages.push(page);
  }
  const bars = joinBars(pages.map((page) => page.bars));
  await commits.add({ table, bars, mode: "replace", answered: [range], sourceSha256: null });
  return { status: "replaced", bars: bars.close.length };
}

/** Closes of a table by time; none when there is no table. */
async function storedCloses(table: string, lake: Lakehouse): Promise<Map<number, number>> {
  const entry = (await lake.list()).get(table);
  if (entry === undefined) return new Map();
  const columns = await lake.readTable(entry, PRICES_SCHEMA, { columns: ["timestamp", "close"] });
  const closes = numbersOf(columns, "close");
  return new Map(Array.from(numbersOf(columns, "timestamp"), (time, i) => [time, closes[i]]));
}
