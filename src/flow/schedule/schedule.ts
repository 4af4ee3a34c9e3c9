import { Cron } from "croner";
import { UserError } from "../../base/errors.ts";

/** When something is due. */
export type ScheduleRule =
  | {
    readonly type: "cron";
    /** Five fields, or six with seconds first. */
    readonly pattern: string;
    /** Of the IANA database, for instance `Europe/Berlin`. */
    readonly timeZone: string;
  }
  | {
    readonly type: "interval";
    readonly everyMs: number;
    /** One of the times when it is due. */
    readonly anchorMs: number;
  };

/** What becomes of times that were missed, for instance as no server ran: `skip` leaves them out · `latest` makes up for
 * the last one · `all` makes up for each, up to a hundred. */
export const CATCH_UP_POLICIES = ["skip", "latest", "all"] as const;

/** One of {@linkcode CATCH_UP_POLICIES}. */
export type CatchUp = typeof CATCH_UP_POLICIES[number];

/** What becomes of a time at which an earlier run is still open: `skip` leaves it out · `queue` starts it after that one ·
 * `allow` starts it beside that one · `replace` cancels that one. */
export const OVERLAP_POLICIES = ["skip", "queue", "allow", "replace"] as const;

/** One of {@linkcode OVERLAP_POLICIES}. */
export type Overlap = typeof OVERLAP_POLICIES[number];

/** When and how a deployment runs by itself. */
export interface Schedule {
  readonly rule: ScheduleRule;
  readonly catchUp: CatchUp;
  readonly overlap: Overlap;
}

/** The first time after another at which a rule is due; undefined when there is none any more. Where clocks are put
 * forward, a time that does not exist is due when they are; where they are put back, a time that is there twice is due
 * once.
 * @returns milliseconds since the Unix epoch
 * @throws {UserError} for a pattern or a time zone that does not exist, and an interval that is not positive */
export function nextDueMs(rule: ScheduleRule, afterMs: number): number | undefined {
  if (rule.type === "interval") {
    const { everyMs, anchorMs } = rule;
    if (!(everyMs >= 1)) throw new UserError("flow/bad-schedule", `Cannot run every ${everyMs} ms`);
    return anchorMs + (Math.floor((afterMs - anchorMs) / everyMs) + 1) * everyMs;
  }
  try {
    const cron = new Cron(rule.pattern, { timezone: rule.timeZone, paused: true });
    return cron.nextRun(new Date(afterMs))?.getTime();
  } catch (cause) {
    throw new UserError(
      "flow/bad-schedule",
      `Cannot use the schedule ${JSON.stringify(rule.pattern)} in ${rule.timeZone}: ${
        (cause as Error).message
      }`,
      { hint: 'A cron pattern has five fields, for instance "30 6 * * 1-5".', cause },
    );
  }
}
