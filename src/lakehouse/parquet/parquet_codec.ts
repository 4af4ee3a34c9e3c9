import { Buffer } from "node:buffer";
import type { DataFrame, Series } from "nodejs-polars";
import { errorMessage, UserError } from "../../base/errors.ts";
import type { Column, NumericType } from "../columns.ts";
import { SECONDS_PER_DAY, toBigInts, toDays } from "./parquet_integers.ts";

/** A column of doubles, as the library prints its type. */
const FLOAT64 = "DataType(Float64)";
/** Units of the stored Datetime that make a second. */
const DATETIME_UNITS_PER_SECOND: Record<string, number> = { ms: 1e3, us: 1e6, ns: 1e9 };

/** Parquet bytes (zstd) of columns of equal length, in their order. Equal columns give equal bytes with the pinned
 * version of the library, on every machine.
 * @throws {TypeError} when a column of whole numbers or of times holds something else, or lengths differ */
export async function encodeParquet(columns: readonly Column[]): Promise<Uint8Array> {
  const { default: pl } = await import("nodejs-polars");
  const length = columns[0]?.values.length ?? 0;
  const withNaN: string[] = [];
  const series = columns.map(({ name, dtype, values }) => {
    if (values.length !== length) {
      throw new TypeError(
        `Cannot write column "${name}": it has ${values.length} rows, the first column ${length}`,
      );
    }
    switch (dtype) {
      case "f64":
        if (values.some(Number.isNaN)) withNaN.push(name);
        return pl.Series(name, values, pl.Float64);
      case "i64":
        return pl.Series(name, toBigInts(name, values, 1) as unknown as bigint[], pl.Int64);
      case "timestamp":
        return pl.Series(name, toBigInts(name, values, 1000) as unknown as bigint[], pl.Int64)
          .cast(pl.Datetime("ms", "UTC"));
      case "date":
        return pl.Series(name, toDays(name, values) as unknown as number[], pl.Int32).cast(pl.Date);
      case "utf8":
        return pl.Series(name, values as (string | null)[], pl.Utf8);
    }
  });
  let frame = pl.DataFrame(series) as DataFrame;
  if (withNaN.length > 0) {
    frame = frame.withColumns(pl.col(withNaN).fillNan(pl.lit(null) as unknown as null));
  }
  return frame.writeParquet({ compression: "zstd" });
}

/** The columns of Parquet bytes. Date, Datetime of any unit and zone, integers, floats and text are read.
 * @param path names the file in messages
 * @param only the columns wanted, in the order of the file; default: all
 * @throws {UserError} when the bytes are no whole Parquet file, or a column has another type or missing times */
export async function decodeParquet(
  bytes: Uint8Array,
  path: string,
  only?: readonly string[],
): Promise<Column[]> {
  const { default: pl } = await import("nodejs-polars");
  let frame: DataFrame;
  try {
    const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    frame = pl.readParquet(body, only === undefined ? {} : { columns: [...only] });
  } catch (cause) {
    throw new UserError(
      "parquet/damaged",
      `Cannot read ${path} as Parquet: ${errorMessage(cause)}`,
      {
        hint: "The file is damaged or cut short: write or copy it again.",
        cause,
      },
    );
  }
  let series = frame.getColumns() as Series[];
  const holes = series.filter((one) => isFloat(one) && one.nullCount() > 0).map((one) => one.name);
  if (holes.length > 0) {
    frame = frame.withColumns(pl.col(holes).fillNull(pl.lit(NaN) as unknown as number));
    series = frame.getColumns() as Series[];
  }
  return series.map((one) => decodeSeries(pl, one, path));
}

type Polars = typeof import("nodejs-polars").default;

function isFloat(series: Series): boolean {
  return /^DataType\(Float/.test(String(series.dtype));
}

function decodeSeries(pl: Polars, series: Series, path: string): Column {
  const { name } = series;
  const type = /^DataType\((.*)\)$/.exec(String(series.dtype))?.[1] ?? String(series.dtype);
  if (/^Float/.test(type)) return { name, dtype: "f64", values: numbers(pl, series, 1) };
  if (type === "Utf8" || type === "String") {
    return { name, dtype: "utf8", values: series.toArray() as (string | null)[] };
  }
  const unit = /^Datetime\((\w+)/.exec(type)?.[1];
  const dtype: NumericType | undefined = unit !== undefined
    ? "timestamp"
    : type === "Date"
    ? "date"
    : /^U?Int\d+$/.test(type)
    ? "i64"
    : undefined;
  if (dtype === undefined) {
    throw new UserError(
      "parquet/unexpected",
      `Cannot read column "${name}" of ${path}: its type is ${type}`,
      {
        hint: "Columns of dates, numbers and text can be read.",
      },
    );
  }
  if (series.nullCount() > 0) {
    // A column of whole numbers with holes can only be read as one of floats; a time has no stand-in for a hole.
    if (dtype === "i64") {
      const filled = pl.DataFrame([series.cast(pl.Float64)]).select(
        pl.col(name).fillNull(pl.lit(NaN) as unknown as number),
      );
      return { name, dtype: "f64", values: numbers(pl, filled.getColumn(name), 1) };
    }
    throw new UserError(
      "parquet/unexpected",
      `Cannot read column "${name}" of ${path}: ${series.nullCount()} of ${series.length} rows have no ${dtype}`,
    );
  }
  // Dates are cast to days before they become doubles, times stay in their unit.
  const counted = dtype === "date" ? series.cast(pl.Int32) : series.cast(pl.Int64);
  const perSecond = dtype === "date"
    ? 1 / SECONDS_PER_DAY
    : unit !== undefined
    ? DATETIME_UNITS_PER_SECOND[unit]
    : 1;
  return { name, dtype, values: numbers(pl, counted, perSecond) };
}

/** The series as doubles, each divided by `divisor`; whole numbers beyond 2^53 are rounded. */
function numbers(pl: Polars, series: Series, divisor: number): Float64Array {
  // A cast is a call to the library that costs as much as the copy of a short column.
  const floats = String(series.dtype) === FLOAT64 ? series : series.cast(pl.Float64);
  const values = floats.toTypedArray() as unknown as Float64Array;
  if (divisor !== 1) {
    for (let i = 0; i < values.length; i++) values[i] /= divisor;
  }
  return values;
}
