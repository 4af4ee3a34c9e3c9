/** The weights to hold from the start of a row on: decided with rows before `row` alone. */
export interface RebalanceTarget {
  /** The first row that the weights may earn. */
  readonly row: number;
  /** N fractions of wealth, negative for short; what they leave of 1 is cash and earns nothing. */
  readonly weights: Float64Array;
}

/** Checks a chain of targets.
 * @throws {RangeError} if there is none, rows do not rise within the `rows` rows, or weights are not
 * `cols` finite numbers; the message names which */
export function requireTargets(
  targets: readonly RebalanceTarget[],
  rows: number,
  cols: number,
): void {
  const refuse = (reason: string): never => {
    throw new RangeError(`Cannot simulate: ${reason}`);
  };
  if (targets.length === 0) refuse("there is no target");
  let previousRow = -1;
  targets.forEach(({ row, weights }, index) => {
    if (!(Number.isInteger(row) && row > previousRow && row < rows)) {
      refuse(
        `the row of target ${index} must be a whole number after ${previousRow} and ` +
          `before ${rows}: current value is ${row}`,
      );
    }
    if (weights.length !== cols) {
      refuse(`target ${index} must have ${cols} weights, got ${weights.length}`);
    }
    const bad = weights.findIndex((weight) => !Number.isFinite(weight));
    if (bad >= 0) {
      refuse(`weight ${bad} of target ${index} must be finite: current value is ${weights[bad]}`);
    }
    previousRow = row;
  });
}
