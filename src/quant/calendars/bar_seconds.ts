/** The usual spacing of bars, in seconds: the lower median of the differences, so that nights,
 * weekends and holes do not count as long as they are fewer than half.
 * @param timestampsS seconds since the Unix epoch, strictly rising
 * @throws {RangeError} if there are fewer than 2 timestamps, or they do not rise strictly */
export function barSecondsOf(timestampsS: ArrayLike<number>): number {
  const bars = timestampsS.length;
  if (bars < 2) {
    throw new RangeError(`Cannot tell the spacing of bars: it takes 2 timestamps, got ${bars}`);
  }
  const spacings = new Float64Array(bars - 1);
  for (let k = 1; k < bars; k++) {
    spacings[k - 1] = timestampsS[k] - timestampsS[k - 1];
    if (!(spacings[k - 1] > 0)) {
      throw new RangeError(
        `Cannot tell the spacing of bars: timestamps must rise strictly, but row ${k} has ` +
          `${timestampsS[k]} after ${timestampsS[k - 1]}`,
      );
    }
  }
  spacings.sort();
  return spacings[(spacings.length - 1) >> 1];
}
