import { UserError } from "../../base/errors.ts";
import {
  CATCH_UP_POLICIES,
  nextDueMs,
  OVERLAP_POLICIES,
  type Schedule,
  type ScheduleRule,
} from "../../flow/schedule/schedule.ts";
import { parseDurationMs } from "../durations.ts";
import type { FlagSpec, ParsedFlags } from "../flags.ts";

/** The flags that say when a deployment runs by itself. */
export const SCHEDULE_FLAGS: readonly FlagSpec[] = [
  {
    name: "cron",
    kind: "value",
    placeholder: "PATTERN",
    help: 'When it runs, for instance "30 6 * * 1-5".',
  },
  {
    name: "every",
    kind: "value",
    placeholder: "TIME",
    help: "How often it runs, for instance 15m.",
  },
  {
    name: "time-zone",
    kind: "value",
    placeholder: "ZONE",
    help: "Of the cron pattern, for instance Europe/Berlin (default: UTC).",
  },
  {
    name: "catch-up",
    kind: "value",
    placeholder: "POLICY",
    help: "Times that were missed: skip (default), latest or all.",
  },
  {
    name: "overlap",
    kind: "value",
    placeholder: "POLICY",
    help: "Times at which a run is still open: skip (default), queue, allow or replace.",
  },
];

/** The schedule that the flags name; undefined when they name none.
 * @throws {UserError} for what is none */
export function readSchedule({ flags }: ParsedFlags, nowMs: number): Schedule | undefined {
  const rule = readRule(flags, nowMs);
  if (rule === undefined) return undefined;
  nextDueMs(rule, nowMs);
  return {
    rule,
    catchUp: oneOf("catch-up", flags.get("catch-up"), CATCH_UP_POLICIES),
    overlap: oneOf("overlap", flags.get("overlap"), OVERLAP_POLICIES),
  };
}

function readRule(flags: ParsedFlags["flags"], nowMs: number): ScheduleRule | undefined {
  const [pattern, every] = [flags.get("cron"), flags.get("every")];
  if (pattern !== undefined && every !== undefined) {
    throw new UserError("command/conflict", "Cannot use --cron and --every together");
  }
  if (pattern !== undefined) {
    return { type: "cron", pattern, timeZone: flags.get("time-zone") ?? "UTC" };
  }
  if (every === undefined) return undefined;
  return { type: "interval", everyMs: parseDurationMs("every", every), anchorMs: nowMs };
}

function oneOf<T extends string>(flag: string, text: string | undefined, known: readonly T[]): T {
  const found = text === undefined ? known[0] : known.find((name) => name === text);
  if (found !== undefined) return found;
  throw new UserError("command/bad-value", `Cannot use --${flag} ${JSON.stringify(text)}`, {
    hint: `It is one of ${known.join(", ")}.`,
  });
}

/** A schedule in a few words. */
export function scheduleText(schedule: Schedule | null): string {
  if (schedule === null) return "when asked for";
  const { rule, catchUp, overlap } = schedule;
  const when = rule.type === "cron"
    ? `${rule.pattern} ${rule.timeZone}`
    : `every ${rule.everyMs / 1000} s`;
  return `${when}, catch-up ${catchUp}, overlap ${overlap}`;
}
