import { errorMessage } from "../base/errors.ts";
import { numbersOf } from "../lakehouse/columns.ts";
import type { Lakehouse } from "../lakehouse/lakehouse.ts";
import { PRICES_SCHEMA } from "../lakehouse/prices/prices_schema.ts";
import { priceTableName } from "../lakehouse/prices/symbol.ts";
import type { SymbolRecord } from "../lakehouse/prices/symbols_table.ts";
import type { CalendarId } from "../quant/calendars/session_calendar.ts";
import { Coverage } from "./coverage.ts";
import { findBarGaps } from "./gap_plan.ts";
import { intervalSeconds } from "./interval.ts";
import { joinBars } from "./join_bars.ts";
import type { BarPage, BarSource } from "./sources/bar_source.ts";
import { TableCommits } from "./table_commits.ts";
import { subtractRanges, type TimeRange } from "./time_ranges.ts";

/** What is to be repaired, and with what. */
export interface RepairSettings {
  readonly lake: Lakehouse;
  readonly sources: ReadonlyMap<string, BarSource>;
  readonly interval: string;
  readonly signal: AbortSignal;
  /** Called after each symbol that has gaps. */
  readonly onRepaired: (repaired: RepairedTable) => void;
}

/** A table with holes that its calendar does not explain. */
export interface GappyTable {
  readonly record: SymbolRecord;
  readonly table: string;
  /** That the source has not confirmed yet. */
  readonly gaps: readonly TimeRange[];
}

/** What a repair did for one symbol. */
export interface RepairedTable {
  readonly symbol: string;
  readonly gaps: number;
  /** Bars that were missing and are there now. */
  readonly filled: number;
  /** Gaps that are left: the source has no bars there, and is not asked again. */
  readonly confirmed: number;
  /** Why it failed; null when it did not. */
  readonly reason: string | null;
}

/** Finds the tables with gaps that no source has confirmed. */
export async function findGappyTables(
  records: readonly SymbolRecord[],
  { lake, interval }: Pick<RepairSettings, "lake" | "interval">,
): Promise<GappyTable[]> {
  const coverage = await Coverage.read(lake);
  const tables = await lake.list();
  const gappy: GappyTable[] = [];
  for (const record of records) {
    const table = priceTableName(record.symbol, interval);
    const entry = tables.get(table);
    if (entry === undefined) continue;
    const times = numbersOf(
      await lake.readTable(entry, PRICES_SCHEMA, { columns: ["timestamp"] }),
      "timestamp",
    );
    const confirmed = coverage.ranges(table, "empty");
    const gaps = findBarGaps(times, record.calendar as CalendarId, intervalSeconds(interval))
      .flatMap((gap) => subtractRanges(gap, confirmed));
    if (gaps.length > 0) gappy.push({ record, table, gaps });
  }
  return gappy;
}

/** Asks the sources again for the bars that calendars miss. What comes is joined to the tables; where nothing comes, the
 * gap is confirmed and left alone from then on. A symbol that fails does not stop the others.
 * @returns one entry a symbol with gaps */
export async function repairTables(
  gappy: readonly GappyTable[],
  settings: RepairSettings,
): Promise<RepairedTable[]> {
  const coverage = await Coverage.read(settings.lake);
  const commits = new TableCommits(settings.lake, coverage);
  const results: RepairedTable[] = [];
  try {
    for (const one of gappy) {
      settings.signal.throwIfAborted();
      const repaired = await repairOrFail(one, settings, commits);
      results.push(repaired);
      settings.onRepaired(repaired);
    }
  } finally {
    await commits.flush();
  }
  return results;
}

async function repairOrFail(
  one: GappyTable,
  settings: RepairSettings,
  commits: TableCommits,
): Promise<RepairedTable> {
  const { record: { symbol }, gaps } = one;
  try {
    const { filled, confirmed } = await repairOne(one, settings, commits);
    return { symbol, gaps: gaps.length, filled, confirmed, reason: null };
  } catch (error) {
    settings.signal.throwIfAborted();
    return { symbol, gaps: gaps.length, filled: 0, confirmed: 0, reason: errorMessage(error) };
  }
}

async function repairOne(
  { record, table, gaps }: GappyTable,
  { sources, interval, signal }: RepairSettings,
  commits: TableCommits,
): Promise<{ filled: number; confirmed: number }> {
  const source = sources.get(record.source);
  if (source === undefined) throw new Error(`sources has no ${record.source}`);
  // A file that tells everything at once has told what it has.
  if (source.fingerprint !== undefined) return { filled: 0, confirmed: gaps.length };
  const pages: BarPage[] = [];
  for (const range of gaps) {
    const request = { ticker: record.ticker, interval, range };
    for await (const page of source.bars(request, signal)) pages.push(page);
  }
  const bars = joinBars(pages.map((page) => page.bars));
  const intervalS = intervalSeconds(interval);
  const filled = Array.from(bars.timestampsS, (fromS) => ({ fromS, toS: fromS + intervalS }));
  const empty = gaps.flatMap((gap) => subtractRanges(gap, filled));
  await commits.add({ table, bars, mode: "merge", answered: [], empty, sourceSha256: null });
  return { filled: filled.length, confirmed: empty.length };
}
