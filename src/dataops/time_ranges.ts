/** A half-open range of time: from `fromS` to before `toS`, seconds since the Unix epoch. */
export interface TimeRange {
  readonly fromS: number;
  readonly toS: number;
}

/** The same time as the fewest ranges, rising: what overlaps or touches is joined, what is empty is left out. */
export function joinRanges(ranges: readonly TimeRange[]): TimeRange[] {
  const joined: TimeRange[] = [];
  for (const range of ranges.filter(({ fromS, toS }) => fromS < toS).sort(byStart)) {
    const last = joined.at(-1);
    if (last === undefined || last.toS < range.fromS) joined.push(range);
    else if (last.toS < range.toS) joined[joined.length - 1] = { ...last, toS: range.toS };
  }
  return joined;
}

/** What of a range lies in none of the others, rising. */
export function subtractRanges(range: TimeRange, covered: readonly TimeRange[]): TimeRange[] {
  const left: TimeRange[] = [];
  let fromS = range.fromS;
  for (const known of joinRanges(covered)) {
    if (known.toS <= fromS) continue;
    if (known.fromS >= range.toS) break;
    if (known.fromS > fromS) left.push({ fromS, toS: known.fromS });
    fromS = Math.max(fromS, known.toS);
  }
  if (fromS < range.toS) left.push({ fromS, toS: range.toS });
  return left;
}

function byStart(a: TimeRange, b: TimeRange): number {
  return a.fromS - b.fromS;
}
