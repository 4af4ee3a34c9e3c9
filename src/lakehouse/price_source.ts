import { createHash } from "node:crypto";
import { writeFileAtomic } from "../base/atomic_file.ts";
import { errorMessage, UserError } from "../base/errors.ts";
import { type Prices, readPrices } from "./read_prices.ts";

/** A price file that is known to be readable: what it holds, without its prices. */
export interface PriceSource {
  /** The path as it was given. */
  readonly path: string;
  /** SHA-256 of the file's bytes. */
  readonly sha256: string;
  readonly symbols: readonly string[];
  readonly rows: number;
  /** The first and the last timestamp, seconds since the Unix epoch. */
  readonly fromS: number;
  readonly toS: number;
}

/** Says what a price file holds. A file whose bytes were read before is not read again: its description lies in the
 * lakehouse under its hash.
 * @param onRead given the prices when the file had to be read, so that nobody reads it twice
 * @throws {UserError} as {@linkcode readPrices} */
export async function describePrices(
  lakehouseDir: string,
  path: string,
  onRead: (prices: Prices) => void,
): Promise<PriceSource> {
  const known = await readDescription(lakehouseDir, await fileSha256(path));
  if (known !== undefined) return { ...known, path };
  const prices = await readPrices(path);
  onRead(prices);
  const { timestampsS, symbols } = prices.panel;
  return {
    path,
    sha256: prices.sha256,
    symbols,
    rows: timestampsS.length,
    fromS: timestampsS[0],
    toS: timestampsS[timestampsS.length - 1],
  };
}

/** Keeps a description, so that {@linkcode describePrices} need not read the file again. */
export async function keepDescription(lakehouseDir: string, source: PriceSource): Promise<void> {
  const { path: _, ...description } = source;
  await writeFileAtomic(descriptionPath(lakehouseDir, source.sha256), JSON.stringify(description));
}

type Description = Omit<PriceSource, "path">;

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
  const { symbols, rows, fromS, toS, sha256: named } = value as Record<string, unknown>;
  return named === sha256 && Array.isArray(symbols) && symbols.length > 0 &&
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
    throw new UserError(`Cannot read prices from ${path}: ${reason}`, {
      hint: "Give the path of a wide CSV or Parquet file of daily closes.",
      cause,
    });
  }
}
