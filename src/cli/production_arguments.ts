import { basename, fromFileUrl, resolve } from "@std/path";
import { UserError } from "../base/errors.ts";
import { parseRunId } from "../base/ids.ts";
import { isUrl } from "../base/is_url.ts";
import { parseS3Url } from "../lakehouse/store/s3_location.ts";
import type { Override } from "../manifest/overrides.ts";
import {
  type ClusterAddress,
  HEAD_FLAGS,
  namesHead,
  readClusterAddress,
} from "./cluster_address.ts";
import type { CommandSpec, FlagSpec, ParsedFlags } from "./flags.ts";

/** Where runs go when nothing else is said. */
export const DEFAULT_OUT = "artifacts";

/** From what a run is made, where it goes and what computes it: of every command that runs a manifest. */
export const RUN_FLAGS: readonly FlagSpec[] = [
  {
    name: "manifest",
    kind: "value",
    placeholder: "FILE",
    help: "Manifest in JSONC (default: the bundled one).",
  },
  {
    name: "out",
    kind: "value",
    placeholder: "DIR",
    help: "Where runs and caches go (default: artifacts).",
  },
  {
    name: "workers",
    kind: "value",
    placeholder: "N",
    help: "Local worker processes (default: the number of cores, at least 2).",
  },
  ...HEAD_FLAGS,
];

/** What `production` takes. */
export const PRODUCTION_COMMAND: CommandSpec = {
  command: "deno task production",
  summary:
    "Runs the production job: prices → audit → returns → clusters → weights → backtest → report.\n" +
    "Without flags it runs the bundled profile on the bundled prices of 20 large US stocks.",
  positionals: [],
  flags: [
    {
      name: "prices",
      kind: "value",
      placeholder: "PLACE",
      help:
        "Where the prices are: a wide CSV or Parquet file (a date column, then one column of closes a symbol), the folder of a lakehouse, or one at s3://BUCKET/PREFIX. Nothing is written there.",
    },
    {
      name: "profile",
      kind: "value",
      placeholder: "NAME",
      help: "Profile of the manifest (default: its own default).",
    },
    ...RUN_FLAGS,
    {
      name: "run-id",
      kind: "value",
      placeholder: "ID",
      help: "Name of the run (default: the time in UTC).",
    },
    {
      name: "resume",
      kind: "optional",
      placeholder: "RUN_ID",
      help: "Go on with a run that was stopped (default: the latest unfinished one).",
    },
    {
      name: "remote",
      kind: "value",
      placeholder: "URL",
      help:
        "s3://BUCKET/PREFIX or a folder: the run is copied there as it grows, and resumed from there.",
    },
    {
      name: "offline",
      kind: "switch",
      help:
        "Ask no remote for anything: a lakehouse in S3 is read from the cache, and what is to be sent is sent by a later run.",
    },
    {
      name: "dashboard",
      kind: "switch",
      help: "Show it in a browser; the command then waits for Ctrl-C after the run's end.",
    },
    { name: "dry-run", kind: "switch", help: "Check everything and show what would be done." },
    { name: "json", kind: "switch", help: "Print the result as JSON on standard output." },
    { name: "quiet", kind: "switch", help: "Show no progress." },
  ],
  epilogue: [
    "Any key of the manifest can also be set by a variable, for instance TV_BACKTEST__TRAIN=126, or\n" +
    "TV_STORAGE__REMOTE=s3://BUCKET/PREFIX for all runs. --resume RUN_ID --remote URL goes on with a run of another machine.",
    "Exit codes: 0 done · 1 failed · 2 bad input, before any work · 130 stopped by Ctrl-C; go on with --resume.",
  ],
};

/** What the user asked `production` to do. */
export interface ProductionArguments {
  readonly manifestPath: string;
  readonly profile: string | undefined;
  readonly overrides: readonly Override[];
  readonly out: string;
  readonly workers: number;
  /** A running cluster to use; undefined: one of the run's own. */
  readonly cluster: ClusterAddress | undefined;
  /** Undefined: named after the time. */
  readonly runId: string | undefined;
  /** `latest`: the unfinished run that was made last. */
  readonly resume: { readonly runId: string } | "latest" | undefined;
  /** Where the run is copied to, or brought from: an S3 URL, or the full path of a folder. */
  readonly remote: string | undefined;
  readonly isOffline: boolean;
  readonly isDryRun: boolean;
  readonly isJson: boolean;
  readonly isQuiet: boolean;
  readonly hasDashboard: boolean;
}

/** The manifest when none is named: the bundled one. */
export const BUNDLED_MANIFEST = fromFileUrl(
  new URL("../../testdata/production.jsonc", import.meta.url),
);
const MAX_WORKERS = 256;
/** A resumed run goes on as it was started; these flags do not change what it computes. */
const ALLOWED_WITH_RESUME = new Set([
  "resume",
  "out",
  "workers",
  "head",
  "token-file",
  "cluster",
  "json",
  "quiet",
  "dry-run",
  "remote",
  "offline",
  "dashboard",
]);

/** Reads the flags of `production`.
 * @throws {UserError} naming the flag and its value */
export function readProductionArguments(flags: ParsedFlags["flags"]): ProductionArguments {
  const runId = flags.get("run-id");
  return {
    manifestPath: flags.get("manifest") ?? BUNDLED_MANIFEST,
    profile: flags.get("profile"),
    overrides: priceOverrides(flags),
    out: resolve(flags.get("out") ?? DEFAULT_OUT),
    workers: readWorkers(flags.get("workers")),
    cluster: namesHead(flags) ? readClusterAddress(flags) : undefined,
    runId: runId === undefined ? undefined : parseRunId(runId),
    resume: readResume(flags),
    remote: readRemote(flags),
    isOffline: flags.has("offline"),
    isDryRun: flags.has("dry-run"),
    isJson: flags.has("json"),
    isQuiet: flags.has("quiet"),
    hasDashboard: flags.has("dashboard"),
  };
}

/** Prices of one's own are neither what the profile's title says nor invented. */
function priceOverrides(flags: ParsedFlags["flags"]): Override[] {
  const prices = flags.get("prices");
  if (prices === undefined) return [];
  if (isUrl(prices)) parseS3Url(prices);
  const origin = "--prices";
  return [
    { key: "prices", value: prices, origin },
    { key: "title", value: basename(prices), origin },
    { key: "synthetic", value: "false", origin },
  ];
}

function readRemote(flags: ParsedFlags["flags"]): string | undefined {
  const remote = flags.get("remote");
  if (remote === undefined) return undefined;
  if (flags.has("offline")) {
    throw new UserError("command/conflict", "Cannot use --remote together with --offline");
  }
  if (!remote.startsWith("s3://")) return resolve(remote);
  parseS3Url(remote);
  return remote;
}

/** The number of local workers that `--workers` asks for.
 * @throws {UserError} naming the value */
export function readWorkers(text: string | undefined): number {
  if (text === undefined) return Math.min(MAX_WORKERS, Math.max(2, navigator.hardwareConcurrency));
  const workers = Number(text);
  if (Number.isInteger(workers) && workers >= 1 && workers <= MAX_WORKERS) return workers;
  throw new UserError("command/bad-value", `Cannot start ${JSON.stringify(text)} workers`, {
    hint: `--workers takes a whole number from 1 to ${MAX_WORKERS}.`,
  });
}

/** The run that `--resume` asks for.
 * @throws {UserError} naming a flag that cannot go with it */
export function readResume(flags: ParsedFlags["flags"]): ProductionArguments["resume"] {
  const resume = flags.get("resume");
  if (resume === undefined) return undefined;
  const surplus = [...flags.keys()].find((name) => !ALLOWED_WITH_RESUME.has(name));
  if (surplus !== undefined) {
    throw new UserError("command/conflict", `Cannot use --${surplus} together with --resume`, {
      hint:
        "A resumed run goes on with what it was started with. For other settings start a new run: what they share is in the cache.",
    });
  }
  return resume === "" || resume === "latest" ? "latest" : { runId: parseRunId(resume) };
}
