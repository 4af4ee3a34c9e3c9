/** A wide table of prices as it stands in a file, before its dates and prices are judged. */
export interface RawPrices {
  /** T times in seconds since the Unix epoch (UTC), in the order of the file. */
  readonly timestampsS: Float64Array;
  /** N names, as in the header. */
  readonly symbols: readonly string[];
  /** T × N prices, row after row; NaN is a hole. */
  readonly values: Float64Array;
  /** Number of the first row of data as people count in this kind of file: 2 in a CSV, whose header is line 1. */
  readonly firstRowNumber: number;
}
