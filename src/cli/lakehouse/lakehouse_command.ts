import type { Terminal } from "../command_family.ts";
import { UserError } from "../../base/errors.ts";
import { type Lakehouse } from "../../lakehouse/lakehouse.ts";
import { withLakehouse } from "../../lakehouse/place.ts";
import type { VersionQuery } from "../../lakehouse/snapshots/catalog.ts";
import type { TableEntry } from "../../lakehouse/snapshots/manifest.ts";
import { parseTimestampS } from "../../lakehouse/timestamp_text.ts";
import type { CommandSpec, FlagSpec, ParsedFlags } from "../flags.ts";
import type { OnProgress } from "../progress/report_stage.ts";
import { parseSizeBytes } from "../sizes.ts";
import { closestString } from "@std/text/closest-string";

const DEFAULT_LAKE = "artifacts/lakehouse";
const SECONDS_PER_DAY = 86_400;

/** What a command of the lakehouse works with. */
export interface LakehouseInput extends ParsedFlags {
  readonly terminal: Terminal;
  /** Does the work of a stage, and shows how far it is. */
  readonly withProgress: <T>(
    stage: string,
    work: (onProgress: OnProgress) => Promise<T>,
  ) => Promise<T>;
}

/** One command of `deno task lakehouse`. */
export interface LakehouseCommand {
  readonly spec: CommandSpec;
  /** One line, for the list of commands. */
  readonly brief: string;
  /** @returns the exit code */
  readonly run: (input: LakehouseInput) => Promise<number>;
}

/** The flags that every command has. */
export const PLACE_FLAGS: readonly FlagSpec[] = [
  {
    name: "lakehouse",
    kind: "value",
    placeholder: "PLACE",
    help: `A folder, or s3://BUCKET/PREFIX (default: ${DEFAULT_LAKE}).`,
  },
  { name: "cache", kind: "value", placeholder: "DIR", help: "Where files of S3 are cached." },
  {
    name: "cache-size",
    kind: "value",
    placeholder: "SIZE",
    help: "What the cache may take (default: 10GiB).",
  },
  { name: "offline", kind: "switch", help: "Read nothing but the cache." },
  { name: "json", kind: "switch", help: "Print the result as JSON." },
];

/** Which version. */
export const AT_FLAG: FlagSpec = {
  name: "at",
  kind: "value",
  placeholder: "VERSION|TIME",
  help: "The version of this number, or the newest one of this time (default: the newest).",
};

/** Uses the lakehouse that the flags name, or the one at `place`. */
export function withPlace<T>(
  { flags }: ParsedFlags,
  use: (lake: Lakehouse) => Promise<T>,
  place: string = flags.get("lakehouse") ?? DEFAULT_LAKE,
): Promise<T> {
  const size = flags.get("cache-size");
  return withLakehouse(place, use, {
    cacheDir: flags.get("cache"),
    cacheLimitBytes: size === undefined ? undefined : parseSizeBytes("cache-size", size),
    isOffline: flags.has("offline"),
  });
}

/** A version as a user names it: a number, or a date or time (a date is its whole day).
 * @throws {UserError} for anything else */
export function parseVersion(text: string): VersionQuery {
  if (/^\d{1,8}$/.test(text) && Number(text) < 19_000_000) return { version: Number(text) };
  const seconds = parseTimestampS(text);
  if (Number.isNaN(seconds)) {
    throw new UserError("command/bad-value", `Cannot use ${JSON.stringify(text)} as a version`, {
      hint: "It is a number as in lakehouse ls --versions, or a date or time such as 2026-01-31.",
    });
  }
  const isDate = seconds % SECONDS_PER_DAY === 0 && !text.includes(":");
  return { atMs: (isDate ? seconds + SECONDS_PER_DAY : seconds) * 1000 - (isDate ? 1 : 0) };
}

/** The version that `--at` names. */
export function versionFlag({ flags }: ParsedFlags): VersionQuery | undefined {
  const text = flags.get("at");
  return text === undefined ? undefined : parseVersion(text);
}

/** The table of a name, in the version that `--at` names.
 * @throws {UserError} when there is none, with the nearest name */
export async function findTable(
  lake: Lakehouse,
  input: ParsedFlags,
  name: string = input.positionals[0],
): Promise<TableEntry> {
  const { tables } = await lake.snapshot(versionFlag(input));
  const found = tables.get(name);
  if (found !== undefined) return found;
  throw new UserError(
    "lakehouse/no-table",
    `Cannot find table ${name} in the lakehouse ${lake.dir}`,
    {
      hint: tables.size === 0
        ? "It has no tables."
        : `The nearest one is ${closestString(name, [...tables.keys()])}.`,
    },
  );
}
