/** A number of a process at a time. */
export interface Sample {
  readonly atMs: number;
  readonly value: number;
}

/** Whether something grows. */
export interface Growth {
  /** Per minute: the median of the slopes between all pairs of samples, which outliers do not move. */
  readonly perMinute: number;
  /** What the slope comes to over all samples. */
  readonly total: number;
  /** How far samples lie from that line: the median of the distances. */
  readonly noise: number;
}

/** The slope of samples (Theil–Sen), after the first part, in which caches fill, was left out.
 * @param warmUp share of the samples that is left out, in [0, 1)
 * @returns NaN in all when fewer than three are left
 * Source: Sen (1968), "Estimates of the Regression Coefficient Based on Kendall's Tau". */
export function growthOf(samples: readonly Sample[], warmUp: number): Growth {
  const kept = samples.slice(Math.floor(samples.length * warmUp));
  if (kept.length < 3) return { perMinute: NaN, total: NaN, noise: NaN };
  const slopes = kept.flatMap((one, i) =>
    kept.slice(i + 1).map((other) => (other.value - one.value) / (other.atMs - one.atMs))
  );
  const slope = median(slopes);
  const at = median(kept.map(({ atMs, value }) => value - slope * atMs));
  return {
    perMinute: slope * 60_000,
    total: slope * (kept[kept.length - 1].atMs - kept[0].atMs),
    noise: median(kept.map(({ atMs, value }) => Math.abs(value - slope * atMs - at))),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
