import { resolve } from "@std/path";
import { parseRunId } from "../base/ids.ts";
import { type ClusterAddress, namesHead, readClusterAddress } from "./cluster_address.ts";
import type { CommandSpec, ParsedFlags } from "./flags.ts";
import {
  BUNDLED_MANIFEST,
  DEFAULT_OUT,
  type ProductionArguments,
  readResume,
  readWorkers,
  RUN_FLAGS,
} from "./production_arguments.ts";

/** What `meta` takes. */
export const META_COMMAND: CommandSpec = {
  command: "deno task meta",
  summary:
    "Runs a meta-portfolio: the profiles of its sleeves at the same time, then join → weights → backtest → holdings → report.\n" +
    "Without flags it runs the bundled one: US equities, three ways, and crypto.",
  positionals: [],
  flags: [
    {
      name: "profile",
      kind: "value",
      placeholder: "NAME",
      help: "Meta profile of the manifest (default: its default_meta_profile, or the only one).",
    },
    ...RUN_FLAGS,
    {
      name: "run-id",
      kind: "value",
      placeholder: "ID",
      help: "Name of the run (default: the time in UTC); its sleeves' runs are called ID-SLEEVE.",
    },
    {
      name: "resume",
      kind: "optional",
      placeholder: "RUN_ID",
      help: "Go on with a run that was stopped, or in which a sleeve failed (default: the latest).",
    },
    {
      name: "dry-run",
      kind: "switch",
      help: "Check everything and show the tree of sleeves with their windows and tasks.",
    },
    {
      name: "offline",
      kind: "switch",
      help: "Ask no remote for anything; what is to be sent there is sent by a later run.",
    },
    { name: "json", kind: "switch", help: "Print the result as JSON on standard output." },
    {
      name: "dashboard",
      kind: "switch",
      help: "Show it in a browser; the command then waits for Ctrl-C after the run's end.",
    },
    { name: "quiet", kind: "switch", help: "Show no progress." },
  ],
  epilogue: [
    "Any key of a sleeve's profile can be set by a variable (TV_BACKTEST__TRAIN=126), and so can those of section meta (TV_META__TRAIN=252).",
    "Where a sleeve's profile has storage.remote, its run is copied there as it grows; the meta-portfolio's own folder is not.",
    "When a sleeve fails, meta.on_failure decides: fail (default) after the others have ended, or continue without it, which the report says.",
    "Exit codes: 0 done · 1 failed · 2 bad input · 130 stopped by Ctrl-C; go on with --resume: only what is missing is done.",
  ],
};

/** What the user asked `meta` to do. */
export interface MetaArguments {
  readonly manifestPath: string;
  readonly metaProfile: string | undefined;
  readonly out: string;
  readonly workers: number;
  /** A running cluster to use; undefined: one of the run's own. */
  readonly cluster: ClusterAddress | undefined;
  /** Undefined: named after the time. */
  readonly runId: string | undefined;
  /** `latest`: the unfinished run that was made last. */
  readonly resume: ProductionArguments["resume"];
  /** Whether no remote may be asked for anything. */
  readonly isOffline: boolean;
  readonly isDryRun: boolean;
  readonly isJson: boolean;
  readonly isQuiet: boolean;
  readonly hasDashboard: boolean;
}

/** Reads the flags of `meta`.
 * @throws {UserError} naming the flag and its value */
export function readMetaArguments(flags: ParsedFlags["flags"]): MetaArguments {
  const runId = flags.get("run-id");
  return {
    manifestPath: flags.get("manifest") ?? BUNDLED_MANIFEST,
    metaProfile: flags.get("profile"),
    out: resolve(flags.get("out") ?? DEFAULT_OUT),
    workers: readWorkers(flags.get("workers")),
    cluster: namesHead(flags) ? readClusterAddress(flags) : undefined,
    runId: runId === undefined ? undefined : parseRunId(runId),
    resume: readResume(flags),
    isOffline: flags.has("offline"),
    isDryRun: flags.has("dry-run"),
    isJson: flags.has("json"),
    isQuiet: flags.has("quiet"),
    hasDashboard: flags.has("dashboard"),
  };
}
