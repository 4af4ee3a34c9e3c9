import { UserError } from "../base/errors.ts";

/** Seconds of each interval that tables may have. */
const SECONDS: Readonly<Record<string, number>> = {
  "1m": 60,
  "5m": 300,
  "15m": 900,
  "30m": 1800,
  "1h": 3600,
  "4h": 14_400,
  "1d": 86_400,
  "1w": 604_800,
};
/** The first Monday after the epoch, at which weekly bars begin. */
const FIRST_MONDAY_S = 4 * 86_400;

/** The seconds of an interval such as `1h`.
 * @throws {UserError} for one that tables cannot have */
export function intervalSeconds(interval: string): number {
  if (Object.hasOwn(SECONDS, interval)) return SECONDS[interval];
  throw new UserError(
    "dataops/bad-interval",
    `Cannot use ${JSON.stringify(interval)} as an interval of bars`,
    {
      hint: `There are: ${Object.keys(SECONDS).join(", ")}.`,
    },
  );
}

/** When the bar begins that a time is in. Bars begin at whole multiples of their length since the epoch in UTC, weekly
 * ones on Mondays. */
export function barStart(timeS: number, intervalS: number): number {
  const offset = intervalS === SECONDS["1w"] ? FIRST_MONDAY_S : 0;
  return Math.floor((timeS - offset) / intervalS) * intervalS + offset;
}
