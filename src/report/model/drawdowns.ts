/** One fall of a candidate's wealth from a peak and, if it came, the way back. Days are `YYYY-MM-DD`. */
export interface DrawdownReport {
  /** Trough over peak − 1: a fraction below 0. */
  readonly depth: number;
  /** The first bar below the peak. */
  readonly from: string;
  readonly trough: string;
  /** The first bar back at the peak; null while it is not. */
  readonly recovered: string | null;
  /** Bars from the first below the peak to the trough, both counted. */
  readonly barsDown: number;
  /** Bars from the first below the peak to the last one before recovery, or to the end. */
  readonly bars: number;
}
