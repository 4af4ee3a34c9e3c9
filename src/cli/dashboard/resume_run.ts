import { fromFileUrl, join } from "@std/path";
import { errorMessage, UserError } from "../../base/errors.ts";
import { openRunViews } from "../../flow/mod.ts";
import { META_FLOW } from "../../production/meta/meta_flow.ts";
import { PRODUCTION_FLOW } from "../../production/production_flow.ts";
import type { OutputFolders } from "../../production/run_folder.ts";

/** The command that goes on with a run of each flow. */
const COMMANDS: Readonly<Record<string, string>> = {
  [PRODUCTION_FLOW]: "../production.ts",
  [META_FLOW]: "../meta.ts",
};

/** Goes on with a run in a process of its own, on the head at this address; what it says is in `resume.log` of the run's
 * logs. The process outlives this one.
 * @throws {UserError} for a run of a flow that no command goes on with */
export function resumeRun(
  folders: OutputFolders,
  runId: string,
  head: { readonly url: string; readonly tokenFile: string },
): void {
  using store = openRunViews(folders.flowStore);
  const flowName = store.views.find(runId)?.flowName ?? "";
  const command = COMMANDS[flowName];
  if (command === undefined) {
    throw new UserError(`Cannot go on with run ${runId}: no command runs the flow ${flowName}`, {
      hint: "Run it again from its own program: what it has done is in the cache.",
    });
  }
  const log = join(folders.runs, runId, "logs", "resume.log");
  const words = [
    ...[
      Deno.execPath(),
      "run",
      "--quiet",
      "--allow-all",
      fromFileUrl(new URL(command, import.meta.url)),
    ],
    ...[
      "--resume",
      runId,
      "--out",
      folders.root,
      "--head",
      head.url,
      "--token-file",
      head.tokenFile,
    ],
  ];
  try {
    // A shell, since its output shall go to the file whether or not we live.
    new Deno.Command("/bin/sh", {
      args: ["-c", 'log=$1; shift; exec "$@" >>"$log" 2>&1', "sh", log, ...words],
      stdin: "null",
      stdout: "null",
      stderr: "null",
      detached: true,
    }).spawn().unref();
  } catch (cause) {
    throw new UserError(`Cannot go on with run ${runId}: ${errorMessage(cause)}`, { cause });
  }
}
