import { STILL_VALID_S, type SymbolRecord } from "../lakehouse/prices/symbols_table.ts";

/** What must be equal for a record to go on. */
const LASTING = [
  "source",
  "ticker",
  "exchange",
  "assetType",
  "identity",
  "sector",
  "currency",
  "calendar",
] as const;

/** Brings the records of symbols up to date. A symbol of which something else is known now gets a new record, and the one
 * before ends; one that its source lists no more ends; one that was merely not looked for goes on. No record is ever
 * removed: a run over the past needs what has left since.
 * @param known all records so far
 * @param found as they are now, valid from `nowS` on
 * @param listed tickers by source, of the sources that have told all that they list
 * @returns all records, in no particular order */
export function updateSymbols(
  known: readonly SymbolRecord[],
  found: readonly SymbolRecord[],
  listed: ReadonlyMap<string, ReadonlySet<string>>,
  nowS: number,
): SymbolRecord[] {
  const foundBySymbol = new Map(found.map((record) => [record.symbol, record]));
  const updated: SymbolRecord[] = [];
  for (const record of known) {
    const now = foundBySymbol.get(record.symbol);
    if (record.validUntilS !== STILL_VALID_S) {
      updated.push(record);
    } else if (now !== undefined && isSame(record, now)) {
      updated.push({ ...record, volume24h: now.volume24h });
      foundBySymbol.delete(record.symbol);
    } else if (now !== undefined || hasLeft(record, listed)) {
      // Ended in the second in which it began, it has never been so.
      if (record.validFromS < nowS) updated.push({ ...record, validUntilS: nowS });
    } else {
      updated.push(record);
    }
  }
  return [...updated, ...foundBySymbol.values()];
}

function isSame(a: SymbolRecord, b: SymbolRecord): boolean {
  return LASTING.every((key) => a[key] === b[key]);
}

function hasLeft(
  { source, ticker }: SymbolRecord,
  listed: ReadonlyMap<string, ReadonlySet<string>>,
): boolean {
  const tickers = listed.get(source);
  return tickers !== undefined && !tickers.has(ticker);
}
