import { UserError } from "../base/errors.ts";
import type { Lakehouse } from "../lakehouse/lakehouse.ts";
import { parseSymbol } from "../lakehouse/prices/symbol.ts";
import {
  readSymbols,
  STILL_VALID_S,
  type SymbolRecord,
  symbolsWrite,
} from "../lakehouse/prices/symbols_table.ts";
import { scan, type ScannerConfig } from "../manifest/sources_config.ts";

import { updateExecution } from "./update_execution.ts";
import { updateSymbols } from "./slowly_changing.ts";
import type { ExecutionRules, Listing } from "./sources/bar_source.ts";
import type { NamedSource } from "./sources/make_source.ts";

/** A symbol that a scanner has taken. */
export interface Candidate {
  readonly record: SymbolRecord;
  readonly execution: ExecutionRules;
}

/** What the scanners have found. */
export interface Discovery {
  /** Each once, in the order of the scanners. */
  readonly candidates: readonly Candidate[];
  /** Tickers by source, of the sources that have told all that they list. */
  readonly listed: ReadonlyMap<string, ReadonlySet<string>>;
  /** What each scanner came to, in words. */
  readonly remarks: readonly string[];
}

/** Looks for the candidates of a manifest; writes nothing.
 * @throws {UserError} when there is no scanner, and when none finds anything, with what each of them has seen */
export async function discover(
  scanners: readonly ScannerConfig[],
  sources: ReadonlyMap<string, NamedSource>,
  nowS: number,
  signal: AbortSignal,
): Promise<Discovery> {
  if (scanners.length === 0) {
    throw new UserError(
      "dataops/no-scanner",
      "Cannot discover anything: discovery.scanners is not set",
      {
        hint: 'Name a source to look in: "discovery": { "scanners": [{ "source": "…" }] }.',
      },
    );
  }
  const listings = new Map<string, Promise<Listing[]>>();
  const candidates = new Map<string, Candidate>();
  const remarks: string[] = [];
  const listed = new Map<string, ReadonlySet<string>>();
  for (const scanner of scanners) {
    const named = sources.get(scanner.source);
    if (named === undefined) throw new Error(`Cannot scan ${scanner.source}: no such source`);
    const key = JSON.stringify([scanner.source, scanner.symbols]);
    const listing = listings.get(key) ?? named.source.list(scanner.symbols, signal);
    listings.set(key, listing);
    const all = await listing;
    if (scanner.symbols === undefined) {
      listed.set(scanner.source, new Set(all.map(({ ticker }) => ticker)));
    }
    const taken = scan(scanner, all);
    remarks.push(`${scanner.source}: ${taken.length} of ${all.length} listed`);
    for (const one of taken) {
      const candidate = candidateOf(one, scanner.source, named, nowS);
      if (!candidates.has(candidate.record.symbol)) {
        candidates.set(candidate.record.symbol, candidate);
      }
    }
  }
  if (candidates.size === 0) {
    throw new UserError(
      "dataops/nothing-found",
      `Cannot find any candidate: ${remarks.join("; ")}`,
      {
        hint: "Loosen discovery.scanners: symbols, quote, min_volume_24h and exclude decide.",
      },
    );
  }
  return { candidates: [...candidates.values()], listed, remarks };
}

/** Brings the tables `symbols` and `execution` up to date with what was found, in one commit.
 * @returns how many symbols are new, and how many have left */
export async function storeDiscovery(
  lake: Lakehouse,
  { candidates, listed }: Discovery,
  nowS: number,
): Promise<{ readonly added: number; readonly left: number }> {
  const known = await readSymbols(lake);
  const found = candidates.map(({ record }) => record);
  const records = updateSymbols(known, found, listed, nowS);
  await lake.writeTables([symbolsWrite(records), await updateExecution(lake, candidates, nowS)]);
  const valid = (all: readonly SymbolRecord[]) =>
    new Set(
      all.filter(({ validUntilS }) => validUntilS === STILL_VALID_S).map((one) => one.symbol),
    );
  const before = valid(known), after = valid(records);
  return { added: after.difference(before).size, left: before.difference(after).size };
}

function candidateOf(
  { ticker, identity, assetType, sector, currency, volume24h, execution }: Listing,
  source: string,
  { exchange, calendar }: NamedSource,
  nowS: number,
): Candidate {
  const symbol = parseSymbol(
    exchange === null ? ticker : `${exchange}:${ticker}`,
    `the listing of ${source}`,
  );
  const record: SymbolRecord = {
    symbol,
    source,
    ticker,
    exchange,
    assetType,
    identity,
    sector,
    currency,
    calendar,
    volume24h,
    validFromS: nowS,
    validUntilS: STILL_VALID_S,
  };
  return { record, execution };
}
