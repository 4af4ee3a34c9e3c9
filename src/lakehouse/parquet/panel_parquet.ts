import { createHash } from "node:crypto";
import { UserError } from "../../base/errors.ts";
import type { Panel } from "../../quant/panel.ts";
import type { Column } from "../columns.ts";
import { readColumns, writeColumns } from "./parquet_file.ts";

/** The name of the first column of a panel's file. */
const TIME_COLUMN = "timestamp";

/** Writes a panel (prices, returns) as Parquet, whole or not at all: `timestamp` (Datetime, ms, UTC), then one f64
 * column a symbol in the panel's order; NaN becomes null.
 * @throws {TypeError} when a symbol is called `timestamp` */
export async function writePanelParquet(path: string, panel: Panel): Promise<void> {
  if (panel.symbols.includes(TIME_COLUMN)) {
    throw new TypeError(`Cannot write ${path}: a symbol is called "${TIME_COLUMN}"`);
  }
  const time = { name: TIME_COLUMN, dtype: "timestamp" as const, values: panel.timestampsS };
  const columns = panel.symbols.map((name, j): Column => ({
    name,
    dtype: "f64",
    values: columnOf(panel, j),
  }));
  await writeColumns(path, [time, ...columns]);
}

/** Reads what {@linkcode writePanelParquet} wrote, bit for bit but for the payloads of NaN.
 * @throws {UserError} when the file is damaged or is no panel */
export async function readPanelParquet(path: string): Promise<Panel> {
  const [time, ...columns] = await readColumns(path);
  if (time?.name !== TIME_COLUMN || time.dtype !== "timestamp") {
    throw new UserError(
      "parquet/unexpected",
      `Cannot read ${path} as a panel: the first column is "${time?.name}" (${time?.dtype}), not "${TIME_COLUMN}"`,
    );
  }
  const width = columns.length;
  const values = new Float64Array(time.values.length * width);
  columns.forEach((column, j) => {
    if (column.dtype !== "f64") {
      throw new UserError(
        "parquet/unexpected",
        `Cannot read ${path} as a panel: column "${column.name}" is ${column.dtype}, not f64`,
      );
    }
    for (let i = 0, at = j; i < column.values.length; i++, at += width) {
      values[at] = column.values[i];
    }
  });
  return { timestampsS: time.values, symbols: columns.map(({ name }) => name), values };
}

/** SHA-256 of what a panel says, whatever the order of its columns: the JSON of the sorted symbols, the timestamps,
 * then each symbol's values in that order, as little-endian doubles with one NaN and one zero.
 * Costs about 2 ns a value: compute it once and pass it on. */
export function panelHash(panel: Panel): string {
  const order = panel.symbols.map((symbol, j) => ({ symbol, j }))
    .sort((a, b) => a.symbol < b.symbol ? -1 : 1);
  const hash = createHash("sha256");
  hash.update(JSON.stringify(order.map(({ symbol }) => symbol)));
  hash.update(new Uint8Array(canonicalDoubles(panel.timestampsS).buffer));
  for (const { j } of order) {
    hash.update(new Uint8Array(canonicalDoubles(columnOf(panel, j)).buffer));
  }
  return hash.digest("hex");
}

/** A copy of symbol `j`'s values, T long. */
function columnOf(panel: Panel, j: number): Float64Array<ArrayBuffer> {
  const width = panel.symbols.length;
  const column = new Float64Array(panel.timestampsS.length);
  for (let i = 0, at = j; i < column.length; i++, at += width) column[i] = panel.values[at];
  return column;
}

function canonicalDoubles(values: Float64Array): Float64Array<ArrayBuffer> {
  const out = new Float64Array(values.length);
  for (let i = 0; i < out.length; i++) {
    // NaN may carry any payload, and -0 equals 0: both get one pattern of bits.
    out[i] = Number.isNaN(values[i]) ? NaN : values[i] + 0;
  }
  return out;
}
