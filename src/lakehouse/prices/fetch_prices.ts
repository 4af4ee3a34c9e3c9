import { closestString } from "@std/text/closest-string";
import { UserError } from "../../base/errors.ts";
import type { Panel } from "../../quant/panel.ts";
import type { TableEntry } from "../snapshots/manifest.ts";
import type { Lakehouse } from "../lakehouse.ts";
import { closesTable, PRICES_SCHEMA } from "./prices_schema.ts";
import type { Prices } from "../price_files/read_prices.ts";
import { priceTableName } from "./symbol.ts";
import { schemaId } from "../table_schema.ts";
import type { TableWrite } from "../write_tables.ts";

/** Tables that are committed together: a fetch that is killed loses at most so many. */
const TABLES_PER_COMMIT = 100;

/** The bars of a wide file of daily closes. */
export const DAILY = "1d";

/** What a fetch did for one symbol. */
export interface FetchedSymbol {
  /** As the file names it. */
  readonly symbol: string;
  /** The name of its table. */
  readonly table: string;
  /** `fresh`: the table already holds what this source says; `written`: it was made or replaced. */
  readonly status: "written" | "fresh";
  /** Bars in the table. */
  readonly rows: number;
}

/** Brings the price tables of symbols up to date with a file of prices. A file is the whole history of its symbols:
 * it replaces their tables, since merging would mix the tail of an earlier file into a later, shorter one. For a
 * source that tells only recent bars, `merge` keeps the older ones. What the catalog lists with this file's hash is
 * fresh and is not touched; a killed fetch is resumed by the next one.
 * @param symbols of the file, in the order of the result
 * @returns one entry a symbol
 * @throws {UserError} for a symbol that the file lacks; one whose column is all holes gets a table without rows, for
 * the audit to find it missing */
export async function fetchPrices(
  lake: Lakehouse,
  prices: Prices,
  symbols: readonly string[],
  options: { readonly mode?: "replace" | "merge" } = {},
): Promise<FetchedSymbol[]> {
  const columnOf = new Map(prices.panel.symbols.map((symbol, j) => [symbol, j]));
  const tables = await lake.list();
  const results: FetchedSymbol[] = [];
  const stale: { symbol: string; write: TableWrite; at: number }[] = [];
  for (const symbol of symbols) {
    const column = columnOf.get(symbol);
    if (column === undefined) throw missing(symbol, prices);
    const table = priceTableName(symbol, DAILY);
    const entry = tables.get(table);
    const fresh = isFresh(entry, prices);
    results.push({ symbol, table, status: fresh ? "fresh" : "written", rows: entry?.rows ?? 0 });
    if (fresh) continue;
    const write: TableWrite = {
      name: table,
      schema: PRICES_SCHEMA,
      columns: closesOf(prices.panel, column),
      mode: options.mode ?? "replace",
      sourceSha256: prices.sha256,
    };
    stale.push({ symbol, write, at: results.length - 1 });
  }
  for (let from = 0; from < stale.length; from += TABLES_PER_COMMIT) {
    const batch = stale.slice(from, from + TABLES_PER_COMMIT);
    const entries = await lake.writeTables(batch.map(({ write }) => write));
    batch.forEach(({ at }, i) => results[at] = { ...results[at], rows: entries[i].rows });
  }
  return results;
}

function isFresh(entry: TableEntry | undefined, prices: Prices): boolean {
  return entry?.sourceSha256 === prices.sha256 && entry.schema === schemaId(PRICES_SCHEMA);
}

function missing(symbol: string, { path, panel }: Prices): UserError {
  return new UserError(
    "prices/unknown-symbol",
    `Cannot fetch ${symbol} from ${path}: no such column`,
    {
      hint: `The nearest name there is ${closestString(symbol, panel.symbols)}.`,
    },
  );
}

function closesOf({ timestampsS, symbols, values }: Panel, column: number): TableWrite["columns"] {
  const times = new Float64Array(timestampsS.length), closes = new Float64Array(times.length);
  let rows = 0;
  for (let i = 0, at = column; i < timestampsS.length; i++, at += symbols.length) {
    if (Number.isNaN(values[at])) continue;
    times[rows] = timestampsS[i];
    closes[rows++] = values[at];
  }
  return closesTable(times.slice(0, rows), closes.slice(0, rows));
}
