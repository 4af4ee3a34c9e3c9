import type { Panel } from "../panel.ts";

/** The out-of-sample returns of one sleeve. */
export interface SleeveReturns {
  /** Names the sleeve among those that are joined. */
  readonly id: string;
  /** T timestamps of its bars, seconds since the Unix epoch in UTC, strictly rising. */
  readonly timestampsS: Float64Array;
  /** T simple returns after costs, as fractions. */
  readonly returns: Float64Array;
}

/** What became of a sleeve's days in a join. */
export interface SleeveCoverage {
  /** Of the sleeve. */
  readonly id: string;
  /** Days on which it has returns. */
  readonly days: number;
  /** Of these, the ones that all sleeves share: the rows of the join. */
  readonly shared: number;
  /** Of these, the ones between shared days, whose returns are compounded into the next shared day. */
  readonly compounded: number;
  /** Of these, the ones before the first shared day and after the last one: they are left out. */
  readonly outside: number;
}

/** Sleeves on the days that they share. */
export interface JoinedSleeves {
  /** T days (their midnight, UTC) × N sleeves in the order given, without holes. */
  readonly panel: Panel;
  /** One a sleeve, in their order. */
  readonly coverage: readonly SleeveCoverage[];
  /** Days between the first and the last row that some sleeves have and others lack. */
  readonly compoundedDays: number;
  /** Days of any sleeve before the first row or after the last one. */
  readonly outsideDays: number;
}

const SECONDS_PER_DAY = 86_400;

/** Joins sleeves on the UTC days that all of them have (an inner join). Bars of one day are compounded. What a sleeve
 * earns on a day that others do not have, as a crypto sleeve does on a weekend, is compounded into its next shared day:
 * dropping it would change its wealth. Days before the first shared one and after the last are left out.
 *
 * With r over the bars of days (d₋, d]: row of day d = Π(1 + r) − 1, where d₋ is the shared day before.
 * @param sleeves at least one
 * @throws {RangeError} if there is none, two have one id, the timestamps of one do not rise or do not fit its returns,
 * a return is not finite, or there is no day that all share */
export function joinSleeves(sleeves: readonly SleeveReturns[]): JoinedSleeves {
  requireSleeves(sleeves);
  const daysOf = sleeves.map(({ timestampsS }) => new Set(timestampsS.map(dayOf)));
  const shared = [...daysOf[0]].filter((day) => daysOf.every((days) => days.has(day)));
  if (shared.length === 0) {
    throw new RangeError(`Cannot join sleeves: no day is in all of them (${describe(sleeves)})`);
  }
  const N = sleeves.length;
  const values = new Float64Array(shared.length * N);
  sleeves.forEach((sleeve, column) => compoundInto(values, column, N, sleeve, shared));
  const [first, last] = [shared[0], shared[shared.length - 1]];
  const allDays = daysOf.reduce((all, days) => all.union(days), new Set<number>());
  const outsideDays = countOutside(allDays, first, last);
  return {
    panel: {
      timestampsS: Float64Array.from(shared, (day) => day * SECONDS_PER_DAY),
      symbols: sleeves.map(({ id }) => id),
      values,
    },
    coverage: sleeves.map(({ id }, i) => {
      const outside = countOutside(daysOf[i], first, last);
      const days = daysOf[i].size;
      const compounded = days - shared.length - outside;
      return { id, days, shared: shared.length, compounded, outside };
    }),
    compoundedDays: allDays.size - shared.length - outsideDays,
    outsideDays,
  };
}

/** The share of a sleeve's days that are no rows of the join, 0 to 1. */
export function fallenAway({ days, shared }: SleeveCoverage): number {
  return (days - shared) / days;
}

/** Fills a column: every bar after the first shared day goes into the first shared day that is not before it. */
function compoundInto(
  values: Float64Array,
  column: number,
  N: number,
  { timestampsS, returns }: SleeveReturns,
  shared: readonly number[],
): void {
  let row = 0, growth = 1, hasBegun = false;
  for (let bar = 0; bar < returns.length && row < shared.length; bar++) {
    const day = dayOf(timestampsS[bar]);
    hasBegun ||= day === shared[0];
    if (!hasBegun) continue;
    growth *= 1 + returns[bar];
    const isLastOfDay = bar + 1 === returns.length || dayOf(timestampsS[bar + 1]) !== day;
    if (day !== shared[row] || !isLastOfDay) continue;
    values[row++ * N + column] = growth - 1;
    growth = 1;
  }
}

function countOutside(days: ReadonlySet<number>, first: number, last: number): number {
  return [...days].filter((day) => day < first || day > last).length;
}

function dayOf(timestampS: number): number {
  return Math.floor(timestampS / SECONDS_PER_DAY);
}

function requireSleeves(sleeves: readonly SleeveReturns[]): void {
  const refuse = (reason: string): never => {
    throw new RangeError(`Cannot join sleeves: ${reason}`);
  };
  if (sleeves.length === 0) refuse("there is none");
  const ids = new Set<string>();
  for (const { id, timestampsS, returns } of sleeves) {
    if (ids.has(id)) refuse(`two are called ${id}`);
    ids.add(id);
    if (timestampsS.length !== returns.length) {
      refuse(`${id} has ${timestampsS.length} timestamps and ${returns.length} returns`);
    }
    for (let k = 0; k < returns.length; k++) {
      if (!Number.isFinite(returns[k])) refuse(`return ${k} of ${id} is ${returns[k]}`);
      if (k === 0 || timestampsS[k] > timestampsS[k - 1]) continue;
      refuse(`timestamp ${k} of ${id}, ${timestampsS[k]}, is not after ${timestampsS[k - 1]}`);
    }
  }
}

function describe(sleeves: readonly SleeveReturns[]): string {
  return sleeves.map(({ id, timestampsS }) =>
    timestampsS.length === 0
      ? `${id}: no days`
      : `${id}: ${isoDay(timestampsS[0])} to ${isoDay(timestampsS[timestampsS.length - 1])}`
  ).join("; ");
}

function isoDay(timestampS: number): string {
  return new Date(timestampS * 1000).toISOString().slice(0, 10);
}
