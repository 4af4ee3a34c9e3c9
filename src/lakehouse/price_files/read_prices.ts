import { errorMessage, UserError } from "../../base/errors.ts";
import { sha256Hex } from "../../base/hash.ts";
import type { Panel } from "../../quant/panel.ts";
import { parsePricesCsv } from "./prices_csv.ts";
import { parsePricesParquet } from "./prices_parquet.ts";
import type { RawPrices } from "./raw_prices.ts";
import { parseSymbol } from "../prices/symbol.ts";
import { formatTimestampS } from "../timestamp_text.ts";

/** A price file that was read: its panel, and what it came from. */
export interface Prices {
  /** T dates × N symbols of adjusted closes, all > 0; NaN is a hole. */
  readonly panel: Panel;
  /** The path as it was given. */
  readonly path: string;
  /** SHA-256 of the file's bytes. */
  readonly sha256: string;
}

/** First bytes of formats that people hand over as a table by mistake. */
const FOREIGN_FORMATS: readonly { readonly magic: readonly number[]; readonly name: string }[] = [
  { magic: [0x1f, 0x8b], name: "gzip" },
  { magic: [0x28, 0xb5, 0x2f, 0xfd], name: "zstd" },
  { magic: [0x50, 0x4b, 0x03, 0x04], name: "zip (an .xlsx is one)" },
  { magic: [0xff, 0xfe], name: "UTF-16 text" },
  { magic: [0xfe, 0xff], name: "UTF-16 text" },
  { magic: [0x41, 0x52, 0x52, 0x4f, 0x57, 0x31], name: "Arrow IPC" },
];
const PARQUET_MAGIC = [0x50, 0x41, 0x52, 0x31];

/** Reads a wide table of adjusted closes from a CSV or Parquet file (told by its content, not its name): the first
 * column holds dates or times, each further column the prices of the symbol that heads it; an empty cell is a hole.
 * Nothing is repaired here: what is doubtful but possible (gaps, jumps, stale prices) is for the audit.
 * @throws {UserError} naming the row (as counted in the file), the column and the value: the file is missing, empty
 * or no table; dates unsorted or repeated; a price that is text, zero, negative or infinite; symbols empty, repeated
 * or unsafe */
export async function readPrices(path: string): Promise<Prices> {
  const { bytes, raw } = await readWideTable(path);
  checkPrices(raw, path);
  const { timestampsS, symbols, values } = raw;
  return { panel: { timestampsS, symbols, values }, path, sha256: sha256Hex(bytes) };
}

/** Reads what {@linkcode readPrices} reads, whatever numbers its cells hold.
 * @throws {UserError} as there, but for the values */
export async function readWideTable(
  path: string,
): Promise<{ readonly bytes: Uint8Array; readonly raw: RawPrices }> {
  const bytes = await readBytes(path);
  const raw = await parse(bytes, path);
  checkSymbols(raw.symbols, path);
  checkDates(raw, path);
  return { bytes, raw };
}

async function readBytes(path: string): Promise<Uint8Array> {
  const refuse = (reason: string, cause?: unknown) =>
    new UserError("prices/unreadable", `Cannot read prices from ${path}: ${reason}`, {
      hint: "Give the path of a wide CSV or Parquet file of daily closes.",
      cause,
    });
  try {
    if ((await Deno.stat(path)).isDirectory) throw refuse("it is a folder");
    const bytes = await Deno.readFile(path);
    if (bytes.length === 0) throw refuse("the file is empty");
    return bytes;
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw refuse(
      error instanceof Deno.errors.NotFound ? "no such file" : errorMessage(error),
      error,
    );
  }
}

async function parse(bytes: Uint8Array, path: string): Promise<RawPrices> {
  const startsWith = (magic: readonly number[]) => magic.every((byte, i) => bytes[i] === byte);
  if (startsWith(PARQUET_MAGIC)) return await parsePricesParquet(bytes, path);
  const foreign = FOREIGN_FORMATS.find(({ magic }) => startsWith(magic));
  if (foreign !== undefined || /\.(parquet|pq)$/i.test(path)) {
    throw new UserError(
      "prices/unreadable",
      `Cannot read prices from ${path}: its content is ${foreign ? foreign.name : "not Parquet"}`,
      { hint: "Give a CSV in UTF-8 or a Parquet file." },
    );
  }
  return parsePricesCsv(bytes, path);
}

function checkSymbols(symbols: readonly string[], path: string): void {
  const columns = new Map<string, number>();
  symbols.forEach((symbol, j) => {
    parseSymbol(symbol, `${path}, column ${j + 2}`);
    const earlier = columns.get(symbol);
    if (earlier !== undefined) {
      throw new UserError(
        "prices/repeated-symbol",
        `Cannot read prices from ${path}: columns ${earlier} and ${
          j + 2
        } are both named "${symbol}"`,
      );
    }
    columns.set(symbol, j + 2);
  });
}

function checkDates({ timestampsS, firstRowNumber }: RawPrices, path: string): void {
  for (let i = 1; i < timestampsS.length; i++) {
    if (timestampsS[i] > timestampsS[i - 1]) continue;
    const row = i + firstRowNumber;
    const date = formatTimestampS(timestampsS[i]), before = formatTimestampS(timestampsS[i - 1]);
    throw new UserError(
      "prices/bad-order",
      date === before
        ? `Cannot read prices from ${path}: row ${row} repeats the date of row ${row - 1}, ${date}`
        : `Cannot read prices from ${path}: row ${row} has the date ${date}, which is before ${before} in row ${
          row - 1
        }`,
      { hint: "Rows must go from the oldest date to the newest, each date once." },
    );
  }
}

function checkPrices({ values, symbols, firstRowNumber }: RawPrices, path: string): void {
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if ((value > 0 && value < Infinity) || Number.isNaN(value)) continue;
    const row = Math.floor(at / symbols.length) + firstRowNumber;
    throw new UserError(
      "prices/bad-cell",
      `Cannot read prices from ${path}: row ${row}, column "${
        symbols[at % symbols.length]
      }" has the price ${value}; a price is finite and above zero`,
      { hint: "Leave the cell empty where there is no price." },
    );
  }
}
