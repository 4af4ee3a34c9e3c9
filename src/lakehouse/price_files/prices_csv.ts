import { UserError } from "../../base/errors.ts";
import { parseDecimal } from "./decimal.ts";
import type { RawPrices } from "./raw_prices.ts";
import { parseTimestampS } from "../timestamp_text.ts";

const QUOTE = 0x22, LINE_FEED = 0x0a, CARRIAGE_RETURN = 0x0d, SPACE = 0x20;
const SEPARATORS = [",", ";", "\t"];
const INITIAL_ROWS = 4096;
const MAX_SHOWN_CHARACTERS = 60;

/** Reads a wide CSV of prices: a header, then one row a date, its first cell a date or time. The separator (`,`, `;`
 * or tab) is the one that the header has most of; cells may be quoted; an empty cell or `NaN` is a hole; decimals
 * have a point. A byte-order mark and either kind of line end are accepted. Cells are read straight from the bytes:
 * a generic parser, which makes a string of every cell, takes ten times as long.
 * @param path names the file in messages
 * @throws {UserError} with the line, column and text of what cannot be read: no header, no rows, a row with another
 * number of cells, a first cell that is no date, text among the prices */
export function parsePricesCsv(bytes: Uint8Array, path: string): RawPrices {
  const scanner = new CsvScanner(bytes, path);
  const header = scanner.readHeader();
  requireDateColumn(header, path);
  const symbols = header.slice(1);
  const width = symbols.length;
  let capacity = INITIAL_ROWS;
  let timestampsS = new Float64Array(capacity), values = new Float64Array(capacity * width);
  let rows = 0;
  while (scanner.startRow()) {
    if (rows === capacity) {
      capacity *= 2;
      timestampsS = grown(timestampsS, capacity);
      values = grown(values, capacity * width);
    }
    timestampsS[rows] = readDate(scanner, header, path);
    let at = rows * width;
    for (let j = 0; j < width; j++) {
      if (!scanner.nextCell()) scanner.refuseRagged(header.length);
      const price = parseDecimal(bytes, scanner.cellStart, scanner.cellEnd);
      if (price === undefined) refusePrice(scanner, symbols[j], path);
      values[at++] = price;
    }
    if (scanner.nextCell()) scanner.refuseRagged(header.length);
    rows++;
  }
  if (rows === 0) {
    throw new UserError(
      "prices/bad-shape",
      `Cannot read prices from ${path}: a header, but no rows`,
    );
  }
  return {
    timestampsS: timestampsS.slice(0, rows),
    symbols,
    values: values.slice(0, rows * width),
    firstRowNumber: 2,
  };
}

function grown(values: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(length);
  larger.set(values);
  return larger;
}

function requireDateColumn(header: readonly string[], path: string): void {
  if (header.length < 2) {
    throw new UserError(
      "prices/bad-shape",
      `Cannot read prices from ${path}: the header ${
        shown(header[0])
      } has no column after the date`,
      {
        hint:
          'Cells are separated by ",", ";" or tabs: a date, then one column of prices a symbol.',
      },
    );
  }
  if (!Number.isNaN(parseTimestampS(header[0]))) {
    throw new UserError(
      "prices/bad-shape",
      `Cannot read prices from ${path}: line 1 begins with the date ${header[0]}`,
      {
        hint: "Line 1 must be a header: the word date, then the symbols.",
      },
    );
  }
}

function readDate(scanner: CsvScanner, header: readonly string[], path: string): number {
  scanner.nextCell();
  const text = scanner.cellText();
  const timestampS = parseTimestampS(text);
  if (!Number.isNaN(timestampS)) return timestampS;
  const elsewhere = header.slice(1).find((name) => /^(date|time|timestamp|datetime)$/i.test(name));
  const problem = scanner.line === 2 ? "the first column is no column of dates: " : "";
  throw new UserError(
    "prices/bad-date",
    `Cannot read prices from ${path}: ${problem}line ${scanner.line}, column ${
      shown(header[0])
    } has ${text === "" ? "no date" : shown(text)}`,
    {
      hint: elsewhere !== undefined
        ? `Put the column ${shown(elsewhere)} first.`
        : "A date is written 2020-01-31, 2020-01-31T16:00:00Z, or as a count of seconds or milliseconds since 1970.",
    },
  );
}

function refusePrice(scanner: CsvScanner, symbol: string, path: string): never {
  const text = scanner.cellText();
  throw new UserError(
    "prices/bad-cell",
    `Cannot read prices from ${path}: line ${scanner.line}, column ${shown(symbol)} has the text ${
      shown(text)
    } where a price should be`,
    {
      hint: /^\d+,\d+$/.test(text)
        ? "Write decimals with a point."
        : "Leave the cell empty where there is no price.",
    },
  );
}

function shown(text: string): string {
  return JSON.stringify(
    text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}…` : text,
  );
}

/** Walks the cells of a CSV; a cell is a range of the bytes, without its quotes and outer spaces. */
class CsvScanner {
  cellStart = 0;
  cellEnd = 0;
  /** The line of the current row, counted from 1. */
  line = 0;
  #position = 0;
  #separator = 0x2c;
  #rowEnded = true;
  #cells = 0;

  constructor(private readonly bytes: Uint8Array, private readonly path: string) {
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.#position = 3;
  }

  readHeader(): string[] {
    const lineEnd = this.bytes.indexOf(LINE_FEED, this.#position);
    const line = this.#decode(
      this.#position,
      lineEnd < 0 ? this.bytes.length : lineEnd,
    ).replaceAll(/"[^"]*"/g, "");
    const counts = SEPARATORS.map((separator) => line.split(separator).length);
    this.#separator = SEPARATORS[counts.indexOf(Math.max(...counts))].charCodeAt(0);
    if (!this.startRow()) {
      throw new UserError(
        "prices/bad-shape",
        `Cannot read prices from ${this.path}: the file has no text`,
      );
    }
    const names: string[] = [];
    while (this.nextCell()) names.push(this.cellText());
    return names;
  }

  /** Moves to the next line; false at the end of the file, before which blank lines do not count. */
  startRow(): boolean {
    const { bytes } = this;
    let position = this.#position;
    this.line++;
    while (bytes[position] === LINE_FEED || bytes[position] === CARRIAGE_RETURN) position++;
    if (position >= bytes.length) return false;
    // A blank line among rows is a row without cells, which its reader refuses as ragged.
    this.#rowEnded = false;
    this.#cells = 0;
    return true;
  }

  /** Moves to the next cell of the row; false when it has no more. */
  nextCell(): boolean {
    if (this.#rowEnded) return false;
    const { bytes } = this;
    let end = this.#position;
    while (bytes[end] === SPACE) end++;
    if (bytes[end] === QUOTE) return this.#quotedCell(end + 1);
    const start = end, separator = this.#separator, length = bytes.length;
    while (end < length) {
      const byte = bytes[end];
      if (byte === separator || byte === LINE_FEED) break;
      end++;
    }
    this.#endCell(start, end, end);
    return true;
  }

  cellText(): string {
    return this.#decode(this.cellStart, this.cellEnd).replaceAll('""', '"');
  }

  refuseRagged(expected: number): never {
    while (this.nextCell());
    throw new UserError(
      "prices/bad-csv",
      `Cannot read prices from ${this.path}: line ${this.line} has ${this.#cells} cells, the header has ${expected}`,
    );
  }

  #quotedCell(start: number): true {
    const { bytes } = this;
    let end = start;
    for (;;) {
      end = bytes.indexOf(QUOTE, end);
      if (end < 0) {
        throw new UserError(
          "prices/bad-csv",
          `Cannot read prices from ${this.path}: line ${this.line} has an open quote`,
        );
      }
      if (bytes[end + 1] !== QUOTE) break;
      end += 2;
    }
    let next = end + 1;
    while (bytes[next] === SPACE || bytes[next] === CARRIAGE_RETURN) next++;
    if (next < bytes.length && bytes[next] !== this.#separator && bytes[next] !== LINE_FEED) {
      throw new UserError(
        "prices/bad-csv",
        `Cannot read prices from ${this.path}: line ${this.line} has text after a closing quote`,
      );
    }
    this.#endCell(start, end, next);
    return true;
  }

  /** @param next the separator, the line feed or the end of the file behind the cell */
  #endCell(start: number, end: number, next: number): void {
    const { bytes } = this;
    while (end > start && (bytes[end - 1] === CARRIAGE_RETURN || bytes[end - 1] === SPACE)) end--;
    this.cellStart = start;
    this.cellEnd = end;
    this.#cells++;
    this.#rowEnded = next >= bytes.length || bytes[next] === LINE_FEED;
    this.#position = next + 1;
  }

  #decode(start: number, end: number): string {
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(this.bytes.subarray(start, end));
    } catch (cause) {
      throw new UserError(
        "prices/bad-csv",
        `Cannot read prices from ${this.path}: line ${Math.max(1, this.line)} is no UTF-8 text`,
        { hint: "The file must be a CSV in UTF-8, or a Parquet file.", cause },
      );
    }
  }
}
