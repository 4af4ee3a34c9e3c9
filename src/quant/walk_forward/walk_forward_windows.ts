/** How a walk-forward is cut, in rows of the returns. */
export interface WalkForwardSettings {
  /** Training rows of a window; of the first window, when `anchored`. */
  readonly train: number;
  /** Test rows of a window. */
  readonly test: number;
  /** Rows from one test start to the next. */
  readonly step: number;
  /** Whether training always starts at row 0, so that it grows; else it rolls. Default false. */
  readonly anchored?: boolean;
  /** Rows left out between training and test, for labels that reach ahead. Default 0. */
  readonly purge?: number;
}

/** One fold of a walk-forward. */
export interface WalkForwardWindow {
  /** 0, 1, 2, … in the order of time. */
  readonly index: number;
  /** The first training row. */
  readonly trainFrom: number;
  /** The row after the last training row. */
  readonly trainTo: number;
  /** The first test row. */
  readonly testFrom: number;
  /** The row after the last test row. */
  readonly testTo: number;
}

/** Cuts rows into training and test windows: a window for every test start
 * `train + purge + k·step < rows`, training on the `train` rows (anchored: all rows) up to `purge`
 * rows before it.
 *
 * The last windows may have fewer than `test` test rows: what has happened since the last full
 * window is the most recent evidence, and is not thrown away. With `step == test` the test ranges
 * are disjoint and cover every row from the first test start on; with `step < test` they overlap,
 * with `step > test` they leave rows between them (see the simulator for what is held there).
 * @param rows number of rows, at least `train + purge + 1`
 * @throws {RangeError} if a setting is not a whole number >= 1 (`purge`: >= 0), or there are too few
 * rows for one window
 *
 * Source: Pardo (1992), "Design, Testing, and Optimization of Trading Systems" (walk-forward);
 * López de Prado (2018), "Advances in Financial Machine Learning", ch. 7 (purging). */
export function walkForwardWindows(
  rows: number,
  settings: WalkForwardSettings,
): WalkForwardWindow[] {
  const { train, test, step, anchored = false, purge = 0 } = settings;
  requireWhole("rows", rows, 0);
  requireWhole("train", train, 1);
  requireWhole("test", test, 1);
  requireWhole("step", step, 1);
  requireWhole("purge", purge, 0);
  if (rows < train + purge + 1) {
    throw new RangeError(
      `Cannot cut walk-forward windows: train ${train}, purge ${purge} and one test row need ` +
        `${train + purge + 1} rows, got ${rows}`,
    );
  }
  const windows: WalkForwardWindow[] = [];
  for (let testFrom = train + purge; testFrom < rows; testFrom += step) {
    const trainTo = testFrom - purge;
    windows.push({
      index: windows.length,
      trainFrom: anchored ? 0 : trainTo - train,
      trainTo,
      testFrom,
      testTo: Math.min(testFrom + test, rows),
    });
  }
  return windows;
}

function requireWhole(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new RangeError(
    `Cannot cut walk-forward windows: ${name} must be a whole number >= ${least}: ` +
      `current value is ${value}`,
  );
}
