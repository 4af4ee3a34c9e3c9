import type { ColumnType } from "../columns.ts";
import type { ColumnStats } from "../snapshots/manifest.ts";
import { PLAIN, RLE } from "./column_chunk.ts";
import { encodePlainNumber } from "./plain_values.ts";
import {
  binary,
  encodeThrift,
  i32,
  i64,
  list,
  struct,
  type ThriftField,
  type ThriftValue,
} from "./thrift_compact.ts";

/** What a footer says of a column. */
export interface DescribedChunk {
  readonly name: string;
  readonly dtype: ColumnType;
  readonly stats: ColumnStats;
  /** Where it begins in the file. */
  readonly start: number;
  readonly sizeBytes: number;
  /** Its length if it were not compressed. */
  readonly plainBytes: number;
  readonly isCompressed: boolean;
}

const FORMAT_VERSION = 1;
const OPTIONAL = 1;
const UNCOMPRESSED = 0, ZSTD = 6;
/** Parquet's numbers of physical types. */
const PHYSICAL: Readonly<Record<ColumnType, number>> = {
  f64: 5,
  i64: 2,
  timestamp: 2,
  date: 1,
  utf8: 6,
};
const NOTHING = struct();
/** Parquet's older and newer way to say what the values mean. */
const MEANINGS: Readonly<Record<ColumnType, readonly ThriftField[]>> = {
  f64: [],
  i64: [],
  timestamp: [[6, i32(9)], [
    10,
    struct([8, struct([1, { type: "true" }], [2, struct([1, NOTHING])])]),
  ]],
  date: [[6, i32(6)], [10, struct([6, NOTHING])]],
  utf8: [[6, i32(0)], [10, struct([1, NOTHING])]],
};

/** The footer of a Parquet file of one row group.
 * Source: Apache Parquet, "parquet.thrift", FileMetaData. */
export function encodeFooter(
  rows: number,
  chunks: readonly DescribedChunk[],
): Uint8Array<ArrayBuffer> {
  const root = struct([4, binary("root")], [5, i32(chunks.length)]);
  const rowGroup = struct(
    [1, list(chunks.map((chunk) => columnOf(chunk, rows)))],
    [2, i64(chunks.reduce((sum, { plainBytes }) => sum + plainBytes, 0))],
    [3, i64(rows)],
  );
  return encodeThrift(struct(
    [1, i32(FORMAT_VERSION)],
    [2, list([root, ...chunks.map(elementOf)])],
    [3, i64(rows)],
    [4, list([rowGroup])],
    [6, binary("tradewind")],
    // Bounds are in the order of the values' types.
    [7, list(chunks.map(() => struct([1, NOTHING])))],
  ));
}

function elementOf({ name, dtype }: DescribedChunk): ThriftValue {
  return struct(
    [1, i32(PHYSICAL[dtype])],
    [3, i32(OPTIONAL)],
    [4, binary(name)],
    ...MEANINGS[dtype],
  );
}

function columnOf(chunk: DescribedChunk, rows: number): ThriftValue {
  const { name, dtype, start, sizeBytes, plainBytes, isCompressed } = chunk;
  const metadata = struct(
    [1, i32(PHYSICAL[dtype])],
    [2, list([i32(PLAIN), i32(RLE)])],
    [3, list([binary(name)])],
    [4, i32(isCompressed ? ZSTD : UNCOMPRESSED)],
    [5, i64(rows)],
    [6, i64(plainBytes)],
    [7, i64(sizeBytes)],
    [9, i64(start)],
    [12, statisticsOf(chunk)],
  );
  return struct([2, i64(start)], [3, metadata]);
}

/** So that other readers leave out files without a row that they want. */
function statisticsOf({ dtype, stats: [min, max, missing] }: DescribedChunk): ThriftValue {
  const nulls: ThriftField = [3, i64(missing)];
  if (dtype === "utf8" || typeof min !== "number" || typeof max !== "number") return struct(nulls);
  // A zero may be either one: readers are to be told the outer.
  const lower = dtype === "f64" && min === 0 ? -0 : min;
  const upper = max === 0 ? 0 : max;
  return struct(
    nulls,
    [5, binary(encodePlainNumber(upper, dtype))],
    [6, binary(encodePlainNumber(lower, dtype))],
  );
}
