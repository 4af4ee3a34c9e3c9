import { fromFileUrl, join } from "@std/path";
import { errorMessage, UserError } from "../../base/errors.ts";
import { type FlowRunRecord, openRunViews } from "../../flow/mod.ts";
import { META_FLOW } from "../../production/meta/meta_flow.ts";
import { PRODUCTION_FLOW } from "../../production/production_flow.ts";
import type { OutputFolders } from "../../production/run_folder.ts";

/** The commands that go on with runs of flows which they call themselves. */
const COMMANDS: Readonly<Record<string, string>> = {
  [PRODUCTION_FLOW]: "../production.ts",
  [META_FLOW]: "../meta.ts",
};
const FLOW_COMMAND = "../flow.ts";

/** Goes on with a run, or starts one that is scheduled, in a process of its own, on the head at this address; what it says
 * is in `resume.log` of the run's logs. The process outlives this one.
 * @throws {UserError} for a run that no command goes on with */
export function resumeRun(
  folders: OutputFolders,
  runId: string,
  head: { readonly url: string; readonly tokenFile: string },
): void {
  using store = openRunViews(folders.flowStore);
  const [command, ...words] = commandOf(runId, store.views.find(runId));
  const logs = join(folders.runs, runId, "logs");
  const args = [
    ...["run", "--quiet", "--allow-all", fromFileUrl(new URL(command, import.meta.url))],
    ...[...words, runId, "--out", folders.root],
    ...["--head", head.url, "--token-file", head.tokenFile],
  ];
  try {
    Deno.mkdirSync(logs, { recursive: true });
    // A shell, since its output shall go to the file whether or not we live.
    new Deno.Command("/bin/sh", {
      args: [
        ...["-c", 'log=$1; shift; exec "$@" >>"$log" 2>&1', "sh"],
        ...[join(logs, "resume.log"), Deno.execPath(), ...args],
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
      detached: true,
    }).spawn().unref();
  } catch (cause) {
    throw new UserError(
      "run/not-resumable",
      `Cannot go on with run ${runId}: ${errorMessage(cause)}`,
      { cause },
    );
  }
}

/** The program that goes on with a run, and what it takes before the run's id. */
function commandOf(
  runId: string,
  run: FlowRunRecord | undefined,
): readonly [program: string, ...words: string[]] {
  const { flowName = "", module = null, arguments: given = null } = run ?? {};
  const command = COMMANDS[flowName];
  if (command !== undefined) return [command, "--resume"];
  // The store knows where the flow is, and with which arguments it was called.
  if (module !== null && given !== null) return [FLOW_COMMAND, "retry"];
  throw new UserError(
    "run/not-resumable",
    `Cannot go on with run ${runId}: no command runs the flow ${flowName}`,
    { hint: "Run it again from its own program: what it has done is in the cache." },
  );
}
