import { nextDueMs, type Schedule } from "./schedule.ts";

/** What a schedule comes to at some moment. */
export interface SchedulePlan {
  /** Times whose runs are to be made, ascending. */
  readonly dueMs: readonly number[];
  /** How many times are left out, by either policy. */
  readonly skipped: number;
  /** Whether the runs that are open are to be cancelled first. */
  readonly replacesOpen: boolean;
  /** When to look again; undefined: never. */
  readonly nextMs: number | undefined;
}

/** A time that is so far in the past was missed; what is younger is only late. */
const LATE_MS = 60_000;
const MAX_MADE_UP = 100;
/** Times that are looked at in one plan: a schedule of seconds after a month's pause must not block. */
const MAX_TIMES = 100_000;

/** What is due of a schedule since it was planned last.
 * @param plannedUntilMs what was due up to then is settled
 * @param openRuns of the same deployment, waiting ones included */
export function planSchedule(
  { rule, catchUp, overlap }: Schedule,
  plannedUntilMs: number,
  nowMs: number,
  openRuns: number,
): SchedulePlan {
  const times: number[] = [];
  let nextMs = nextDueMs(rule, plannedUntilMs);
  while (nextMs !== undefined && nextMs <= nowMs && times.length < MAX_TIMES) {
    times.push(nextMs);
    nextMs = nextDueMs(rule, nextMs);
  }
  const wanted = madeUp(times, catchUp, nowMs);
  const dueMs = withoutOverlap(wanted, overlap, openRuns);
  return {
    dueMs,
    skipped: times.length - dueMs.length,
    replacesOpen: overlap === "replace" && dueMs.length > 0 && openRuns > 0,
    nextMs,
  };
}

function madeUp(times: readonly number[], catchUp: Schedule["catchUp"], nowMs: number): number[] {
  switch (catchUp) {
    case "skip":
      return times.filter((timeMs) => nowMs - timeMs <= LATE_MS);
    case "latest":
      return times.slice(-1);
    case "all":
      return times.slice(-MAX_MADE_UP);
  }
}

function withoutOverlap(
  times: readonly number[],
  overlap: Schedule["overlap"],
  openRuns: number,
): readonly number[] {
  switch (overlap) {
    case "skip":
      return openRuns > 0 ? [] : times.slice(0, 1);
    case "replace":
      return times.slice(-1);
    case "queue":
    case "allow":
      return times;
  }
}
