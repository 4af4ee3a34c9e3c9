import { UserError } from "../../base/errors.ts";
import { sha256Hex } from "../../base/hash.ts";
import type { Panel } from "../../quant/panel.ts";
import { readWideTable } from "./read_prices.ts";

/** A file of traded values that was read. */
export interface TradedValues {
  /** T dates × N symbols of what was traded in a bar, in the quote currency, all >= 0; NaN where it is not known. */
  readonly panel: Panel;
  /** SHA-256 of the file's bytes. */
  readonly sha256: string;
}

/** Reads a wide table of traded values, in the form of a price file.
 * @throws {UserError} as `readPrices`, and for a value below zero or infinite */
export async function readTradedValues(path: string): Promise<TradedValues> {
  const { bytes, raw: { timestampsS, symbols, values, firstRowNumber } } = await readWideTable(path)
    .catch((cause) => {
      if (!(cause instanceof UserError)) throw cause;
      const { message, hint } = cause;
      throw new UserError(
        "prices/bad-traded-values",
        `Cannot use selection.traded_values: ${message}`,
        { hint, cause },
      );
    });
  const bad = values.findIndex((value) =>
    !(value >= 0 && value < Infinity) && !Number.isNaN(value)
  );
  if (bad >= 0) {
    const row = Math.floor(bad / symbols.length) + firstRowNumber;
    throw new UserError(
      "prices/bad-traded-values",
      `Cannot use selection.traded_values of ${path}: row ${row}, column "${
        symbols[bad % symbols.length]
      }" has the value ${values[bad]}; a traded value is finite and not below zero`,
      { hint: "Leave the cell empty where it is not known." },
    );
  }
  return { panel: { timestampsS, symbols, values }, sha256: sha256Hex(bytes) };
}
