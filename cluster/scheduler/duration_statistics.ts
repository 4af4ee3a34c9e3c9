/** What is known of the durations of tasks of one name. */
export interface DurationStatistics {
  /** Exponentially weighted mean of successful runs; Infinity while there was none. */
  meanMs: number;
}

const NEWEST_WEIGHT = 0.2;

/** The statistics of a name. A new name past `maxNames` drops the oldest one, whose tasks keep theirs to their end. */
export function durationsOf(
  byName: Map<string, DurationStatistics>,
  name: string,
  maxNames: number,
): DurationStatistics {
  let statistics = byName.get(name);
  if (statistics === undefined) {
    statistics = { meanMs: Infinity };
    if (byName.size >= maxNames) byName.delete(byName.keys().next().value as string);
    byName.set(name, statistics);
  }
  return statistics;
}

/** Takes a successful run into the mean; a duration that is not a number ≥ 0 is left out. */
export function recordDuration(statistics: DurationStatistics, durationMs: number): void {
  if (!(durationMs >= 0 && durationMs < Infinity)) return;
  statistics.meanMs = statistics.meanMs === Infinity
    ? durationMs
    : statistics.meanMs + NEWEST_WEIGHT * (durationMs - statistics.meanMs);
}
