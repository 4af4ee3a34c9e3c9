import { UserError } from "../../base/errors.ts";

const SYMBOL = /^[\p{L}\p{N}^_][\p{L}\p{N}\p{M} ._:=^#&@+!-]*$/u;
const MAX_SYMBOL_BYTES = 64;
/** The exchange in the table's name of a symbol that names none. */
const NO_EXCHANGE = "LOCAL";

/** The symbol when it is safe in file names, reports and as a key; `BRK.B`, `BTC-USD`, `^GSPC`, `NASDAQ:AAPL` are.
 * @param where names the file in the message
 * @throws {UserError} with the name, for path separators, `..`, control characters and all that no ticker has */
export function parseSymbol(name: string, where: string): string {
  const reason = name === ""
    ? "it is empty"
    : new TextEncoder().encode(name).length > MAX_SYMBOL_BYTES
    ? `it is longer than ${MAX_SYMBOL_BYTES} bytes`
    : name.includes("..") || name.startsWith("__")
    ? 'it holds ".." or begins with "__"'
    : !SYMBOL.test(name) || name.endsWith(" ")
    ? "it holds characters that no symbol has"
    : undefined;
  if (reason === undefined) return name;
  const shown = JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
  throw new UserError(
    "prices/bad-symbol",
    `Cannot use ${shown} as a symbol in ${where}: ${reason}`,
    {
      hint:
        "A symbol has letters, digits, spaces and . _ - : = ^ # & @ + ! and begins with a letter, digit, ^ or _.",
    },
  );
}

/** The name of a symbol's price table, `{EXCHANGE}_{TICKER}_{interval}`: `NASDAQ:AAPL` → `NASDAQ_AAPL_1d`,
 * `AAPL` → `LOCAL_AAPL_1d`. It is a safe file name, and different symbols have different names even where the file
 * system ignores case: all but A–Z, 0–9, `.` and `-` becomes `~` and two hexadecimal digits a byte.
 * @param interval of the bars, letters and digits, for instance `1d` */
export function priceTableName(symbol: string, interval: string): string {
  parseSymbol(symbol, "a table name");
  const colon = symbol.indexOf(":");
  const exchange = colon > 0 ? escapeName(symbol.slice(0, colon)) : NO_EXCHANGE;
  const ticker = escapeName(colon > 0 ? symbol.slice(colon + 1) : symbol);
  // An exchange that is really called LOCAL keeps apart from symbols that name none.
  const distinct = colon > 0 && exchange === NO_EXCHANGE ? "~4cOCAL" : exchange;
  return `${distinct}_${ticker}_${interval}`;
}

/** The symbol whose table this is.
 * @returns undefined when the name is no price table's, or one of another interval */
export function symbolOfPriceTable(name: string, interval: string): string | undefined {
  const parts = /^([^_]+)_([^_]+)_([^_]+)$/.exec(name);
  if (parts === null || parts[3] !== interval) return undefined;
  const [exchange, ticker] = [unescapeName(parts[1]), unescapeName(parts[2])];
  const symbol = parts[1] === NO_EXCHANGE ? ticker : `${exchange}:${ticker}`;
  try {
    return priceTableName(symbol, interval) === name ? symbol : undefined;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

function unescapeName(text: string): string {
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "~") bytes.push(parseInt(text.slice(at + 1, (at += 2) + 1), 16));
    else bytes.push(text.charCodeAt(at));
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

function escapeName(text: string): string {
  let escaped = "";
  for (const byte of new TextEncoder().encode(text)) {
    const character = String.fromCharCode(byte);
    escaped += /[A-Z0-9.-]/.test(character) ? character : `~${byte.toString(16).padStart(2, "0")}`;
  }
  return escaped;
}
