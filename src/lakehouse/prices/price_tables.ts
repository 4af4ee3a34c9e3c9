import { closestString } from "@std/text/closest-string";
import { UserError } from "../../base/errors.ts";
import { sha256Hex } from "../../base/hash.ts";
import type { TableEntry } from "../snapshots/manifest.ts";
import { DAILY } from "./fetch_prices.ts";
import type { Lakehouse } from "../lakehouse.ts";
import { type PinnedVersion, readPinnedTables } from "../pinned_version.ts";
import { priceTableName, symbolOfPriceTable } from "./symbol.ts";

/** Which price tables are meant, and in what state. */
export interface PriceTablesOptions {
  /** Of the bars, for instance `1h`. Default: daily ones. */
  readonly interval?: string;
  /** Of which version; default: the newest one. */
  readonly pinned?: PinnedVersion;
  /** The tables must be as the file of this SHA-256 says: so a run never goes on with the prices of another one that
   * fetched into the same lakehouse meanwhile. Default: any. */
  readonly sourceSha256?: string;
  /** The tables must have this hash, see {@linkcode tablesSha256}. Default: any. */
  readonly tablesSha256?: string;
}

/** The tables of symbols, in their order.
 * @throws {UserError} for a symbol without a table, and when tables are not in the state that was asked for */
export async function findPriceTables(
  lake: Lakehouse,
  symbols: readonly string[],
  { interval = DAILY, pinned, sourceSha256, tablesSha256: expected }: PriceTablesOptions,
): Promise<TableEntry[]> {
  const { tables } = await readPinnedTables(lake, pinned);
  const entries = symbols.map((symbol) => {
    const entry = tables.get(priceTableName(symbol, interval));
    const problem = entry === undefined
      ? "it has no table"
      : sourceSha256 !== undefined && entry.sourceSha256 !== sourceSha256
      ? `its table was written from another source (${entry.sourceSha256})`
      : undefined;
    if (entry !== undefined && problem === undefined) return entry;
    throw new UserError(
      "prices/unknown-symbol",
      `Cannot read the prices of ${symbol} from the lakehouse ${lake.dir}: ${problem}`,
      { hint: "Fetch its prices first; give runs with different price files a lakehouse each." },
    );
  });
  const found = tablesSha256(entries);
  if (expected === undefined || expected === found) return entries;
  throw new UserError(
    "lakehouse/changed",
    `Cannot read the prices of ${symbols.length} symbols from the lakehouse ${lake.dir}: ` +
      `its tables have changed, their hash is ${found}, not ${expected}`,
    { hint: "They were fetched anew meanwhile: start another run." },
  );
}

/** SHA-256 of what tables hold: of their names and the hashes of their contents, in the order given. */
export function tablesSha256(entries: readonly Pick<TableEntry, "name" | "sha256">[]): string {
  return sha256Hex(JSON.stringify(entries.map(({ name, sha256 }) => [name, sha256])));
}

/** Of the tables of a lakehouse those of prices in one interval, by symbol, sorted by symbol.
 * @param place names the lakehouse
 * @throws {UserError} when there is none */
export function listPriceTables(
  tables: ReadonlyMap<string, TableEntry>,
  interval: string,
  place: string,
): Map<string, TableEntry> {
  const found = [...tables.values()].flatMap((entry) => {
    const symbol = symbolOfPriceTable(entry.name, interval);
    return symbol === undefined ? [] : [[symbol, entry] as const];
  });
  if (found.length === 0) {
    throw new UserError(
      "lakehouse/no-prices",
      `Cannot find prices in the lakehouse ${place}: it has no ${interval} tables`,
      {
        hint: "Fill it by deno task dataops run, or name a price file.",
      },
    );
  }
  return new Map(found.sort(([a], [b]) => a < b ? -1 : 1));
}

/** Of known tables those of the symbols wanted.
 * @throws {UserError} for a symbol without one, with the nearest name */
export function pickPriceTables(
  tables: ReadonlyMap<string, TableEntry>,
  symbols: readonly string[],
): TableEntry[] {
  return symbols.map((symbol) => {
    const entry = tables.get(symbol);
    if (entry !== undefined) return entry;
    throw new UserError(
      "prices/unknown-symbol",
      `Cannot find prices of ${symbol}: it has no table`,
      {
        hint: `The nearest symbol with one is ${closestString(symbol, [...tables.keys()])}.`,
      },
    );
  });
}
