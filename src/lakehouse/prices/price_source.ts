import { createHash } from "node:crypto";
import { writeFileAtomic } from "../../base/atomic_file.ts";
import { errorMessage, UserError } from "../../base/errors.ts";
import { isUrl } from "../../base/is_url.ts";
import type { TableEntry } from "../snapshots/manifest.ts";
import { DAILY } from "./fetch_prices.ts";
import { type ExecutionRecord, readExecution } from "./execution_table.ts";
import { type PinnedVersion, readPinnedTables } from "../pinned_version.ts";
import { withLakehouse } from "../place.ts";
import { listPriceTables, tablesSha256 } from "./price_tables.ts";
import { type Prices, readPrices } from "../price_files/read_prices.ts";
import { readSymbols, type SymbolRecord } from "./symbols_table.ts";

/** Prices that are known to be readable: what they are, without the prices. */
export type PriceSource = PriceFile | PriceTables;

/** A wide file of closes. */
export interface PriceFile extends PriceFacts {
  readonly type: "file";
}

/** A lakehouse with a table of bars a symbol, which a run only reads. */
export interface PriceTables extends PriceFacts {
  readonly type: "tables";
  /** Of the bars, for instance `1d`. */
  readonly interval: string;
  /** The version that they are of. */
  readonly pinned: PinnedVersion | undefined;
  /** By symbol. */
  readonly tables: ReadonlyMap<string, TableEntry>;
  /** What the data operations know of symbols, those that have left among them. */
  readonly records: readonly SymbolRecord[];
  /** Whether one in S3 is read from the cache of this machine alone. */
  readonly isOffline: boolean;
  /** How orders have to be, as far as it is known. */
  readonly execution: readonly ExecutionRecord[];
}

interface PriceFacts {
  /** The path, or the URL of S3, as it was given. */
  readonly path: string;
  /** SHA-256 of the file's bytes, or of what the tables hold. */
  readonly sha256: string;
  readonly symbols: readonly string[];
  /** Rows of the file, or of the longest table: the union of dates may have more. */
  readonly rows: number;
  /** The first and the last timestamp, seconds since the Unix epoch. */
  readonly fromS: number;
  readonly toS: number;
}

/** Says what a price file or a lakehouse holds. A file whose bytes were read before is not read again: its description
 * lies in the lakehouse of the run under its hash.
 * @param onRead given the prices when the file had to be read, so that nobody reads it twice
 * @param tables what is taken from a lakehouse, and how
 * @throws {UserError} as {@linkcode readPrices} */
export async function describePrices(
  lakehouseDir: string,
  path: string,
  onRead: (prices: Prices) => void,
  tables: TablesWanted = { interval: DAILY },
): Promise<PriceSource> {
  if (await isLakehouse(path)) return await describePriceTables(path, tables);
  const known = await readDescription(lakehouseDir, await fileSha256(path));
  if (known !== undefined) return { ...known, path };
  const prices = await readPrices(path);
  onRead(prices);
  const { timestampsS, symbols } = prices.panel;
  return {
    type: "file",
    path,
    sha256: prices.sha256,
    symbols,
    rows: timestampsS.length,
    fromS: timestampsS[0],
    toS: timestampsS[timestampsS.length - 1],
  };
}

/** Which tables of a lakehouse are meant. */
export interface TablesWanted {
  /** Of the bars, for instance `1d`. */
  readonly interval: string;
  /** Of which version; default: the newest one. */
  readonly pinned?: PinnedVersion;
  /** Reads of one in S3 what the cache of this machine has, and asks for nothing; default: no. */
  readonly isOffline?: boolean;
}

/** Says what prices a lakehouse holds in one version, in a folder or in S3.
 * @throws {UserError} when it has no tables of that interval, or the version is gone */
export async function describePriceTables(
  path: string,
  { interval, pinned: wanted, isOffline = false }: TablesWanted,
): Promise<PriceTables> {
  const { tables, ...known } = await withLakehouse(path, async (lake) => {
    const { pinned, tables } = await readPinnedTables(lake, wanted);
    return {
      pinned,
      tables: listPriceTables(tables, interval, path),
      records: await readSymbols(lake, tables),
      execution: await readExecution(lake, tables),
    };
  }, { isOffline });
  const entries = [...tables.values()];
  const times = entries.flatMap(({ minTimestampS, maxTimestampS }) =>
    minTimestampS === null || maxTimestampS === null ? [] : [minTimestampS, maxTimestampS]
  );
  return {
    type: "tables",
    path,
    sha256: tablesSha256(entries),
    symbols: [...tables.keys()],
    rows: entries.reduce((most, { rows }) => Math.max(most, rows), 0),
    fromS: times.reduce((least, time) => Math.min(least, time), Infinity),
    toS: times.reduce((most, time) => Math.max(most, time), -Infinity),
    interval,
    tables,
    isOffline,
    ...known,
  };
}

/** Whether a path is the folder of a lakehouse, or the URL of one. */
export async function isLakehouse(path: string): Promise<boolean> {
  if (isUrl(path)) return true;
  try {
    return (await Deno.stat(`${path}/catalog.json`)).isFile;
  } catch {
    // Whatever is wrong with the path is told by whoever reads it as a file.
    return false;
  }
}

/** Keeps a description, so that {@linkcode describePrices} need not read the file again. */
export async function keepDescription(lakehouseDir: string, source: PriceFile): Promise<void> {
  const { path: _, ...description } = source;
  await writeFileAtomic(descriptionPath(lakehouseDir, source.sha256), JSON.stringify(description));
}

type Description = Omit<PriceFile, "path">;

function descriptionPath(lakehouseDir: string, sha256: string): string {
  return `${lakehouseDir}/sources/${sha256}.json`;
}

async function readDescription(
  lakehouseDir: string,
  sha256: string,
): Promise<Description | undefined> {
  try {
    const description = JSON.parse(
      await Deno.readTextFile(descriptionPath(lakehouseDir, sha256)),
    );
    return isDescription(description, sha256) ? description : undefined;
  } catch (error) {
    // A description that is gone or damaged costs one more reading of the file.
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isDescription(value: unknown, sha256: string): value is Description {
  if (typeof value !== "object" || value === null) return false;
  const { type, symbols, rows, fromS, toS, sha256: named } = value as Record<string, unknown>;
  return type === "file" && named === sha256 && Array.isArray(symbols) && symbols.length > 0 &&
    symbols.every((symbol) => typeof symbol === "string") &&
    [rows, fromS, toS].every(Number.isFinite);
}

async function fileSha256(path: string): Promise<string> {
  try {
    using file = await Deno.open(path, { read: true });
    const hash = createHash("sha256");
    for await (const chunk of file.readable) hash.update(chunk);
    return hash.digest("hex");
  } catch (cause) {
    const reason = cause instanceof Deno.errors.NotFound
      ? "no such file"
      : cause instanceof Deno.errors.IsADirectory || /directory/i.test(errorMessage(cause))
      ? "it is a folder"
      : errorMessage(cause);
    throw new UserError("prices/unreadable", `Cannot read prices from ${path}: ${reason}`, {
      hint: "Give the path of a wide CSV or Parquet file of daily closes, or of a lakehouse.",
      cause,
    });
  }
}
