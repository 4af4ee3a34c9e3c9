import type { Terminal } from "../command_family.ts";
import {
  connect,
  type EmbeddedCluster,
  startEmbeddedCluster,
} from "../../../cluster/client/mod.ts";
import { systemClock } from "../../base/clock.ts";
import { UserError } from "../../base/errors.ts";
import { FlowCancelledError } from "../../flow/flow_errors.ts";
import type { FlowEvent } from "../../flow/flow_events.ts";
import { type LoadedFlow, loadFlow } from "../../flow/load_flow.ts";
import { deliverDue } from "../../flow/notify/deliver.ts";
import type { FlowStore } from "../../flow/store/flow_store.ts";
import type { FlowRunRecord } from "../../flow/store/run_records.ts";
import { HEAD_FLAGS, namesHead, readClusterAddress } from "../cluster_address.ts";
import { EXIT_CODES } from "../exit_codes.ts";
import type { FlagSpec, ParsedFlags } from "../flags.ts";
import { readPositive } from "../amounts.ts";
import { failureLines, failureOf } from "../failure.ts";
import { callInPlace, placeOf } from "./execution_place.ts";
import { JSON_FLAG, OUT_FLAG, outOf, SHARE_RESULTS_FLAG } from "./flow_command.ts";

/** The flags of commands that execute a run. */
export const EXECUTION_FLAGS: readonly FlagSpec[] = [
  {
    name: "workers",
    kind: "value",
    placeholder: "N",
    help: "Processes of cluster tasks on this machine (default: the number of cores).",
  },
  ...HEAD_FLAGS,
  {
    name: "refresh",
    kind: "optional",
    placeholder: "TASKS",
    help: "Compute again what is in the cache: all, or the tasks named, with commas between.",
  },
  SHARE_RESULTS_FLAG,
  OUT_FLAG,
  JSON_FLAG,
];

/** Exit codes of commands that execute a run. */
export const EXECUTION_EXIT_CODES =
  "Exit codes: 0 completed · 1 failed · 2 bad input · 130 stopped by Ctrl-C; go on with flow retry.";

/** Executes a flow as a run, in this process; Ctrl-C and SIGTERM cancel it.
 * @returns the exit code */
export async function executeRun(
  store: FlowStore,
  { flow, module, exportName }: LoadedFlow,
  args: unknown[],
  runId: string,
  parsed: ParsedFlags,
  terminal: Terminal,
): Promise<number> {
  const cluster = new RunCluster(parsed, runId);
  const stop = new AbortController();
  const onSignal = () => stop.abort("stopped by a signal");
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, onSignal);
  const isJson = parsed.flags.has("json");
  try {
    const result = await callInPlace(placeOf(parsed), () =>
      flow.run(args, {
        store,
        runId,
        source: { module, exportName },
        cluster: () => cluster.start(),
        refresh: readRefresh(parsed.flags.get("refresh")),
        signal: stop.signal,
        onEvent: (event) => {
          const line = describeEvent(event);
          if (line !== undefined && !isJson) terminal.err(line);
        },
      }));
    if (isJson) terminal.out(JSON.stringify({ ...store.runs.find(runId), result: result ?? null }));
    else terminal.out(result === undefined ? "completed" : JSON.stringify(result));
    return EXIT_CODES.ok;
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (isJson) terminal.out(JSON.stringify(store.runs.find(runId)));
    for (const line of failureLines(failureOf(error), false)) terminal.err(line);
    if (!(error instanceof FlowCancelledError)) return EXIT_CODES.failure;
    return stop.signal.aborted ? EXIT_CODES.interrupted : EXIT_CODES.failure;
  } finally {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      Deno.removeSignalListener(signal, onSignal);
    }
    await cluster[Symbol.asyncDispose]();
    await deliverDue(store, systemClock, (message) => terminal.err(`warning: ${message}`));
  }
}

/** Executes a run again that the store knows: what is missing of it.
 * @throws {UserError} when the store does not know where its flow is, or with which arguments it was called */
export async function executeStoredRun(
  store: FlowStore,
  run: FlowRunRecord,
  parsed: ParsedFlags,
  terminal: Terminal,
): Promise<number> {
  const { runId, module, exportName } = run;
  if (module === null || exportName === null || run.arguments === null) {
    const what = module === null ? "where its flow is" : "its arguments, which are no JSON";
    throw new UserError(
      "run/not-resumable",
      `Cannot execute run ${runId} again from here: the store does not know ${what}`,
      {
        hint:
          "Call the flow again in your program under the same run id; or give it `module: import.meta.url`.",
      },
    );
  }
  const loaded = await loadFlow(module, exportName);
  return await executeRun(store, loaded, JSON.parse(run.arguments), runId, parsed, terminal);
}

function readRefresh(text: string | undefined): boolean | string[] {
  return text === undefined ? false : text === "" ? true : text.split(",");
}

function describeEvent(event: FlowEvent): string | undefined {
  switch (event.type) {
    case "FlowRunStarted":
      return `${event.runId} ${event.isResumed ? "goes on" : "starts"}`;
    case "FlowRunFinished":
      return `${event.runId} ${event.state}${event.reason === "" ? "" : `: ${event.reason}`}`;
    case "TaskRunFailed":
      return `${event.runId} ${event.task}(${event.arguments}) ${event.state}: ${event.error.message}`;
    case "TaskRunRetrying":
      return `${event.runId} ${event.task}(${event.arguments}) is tried again in ${
        Math.round(event.delayMs)
      } ms: ${event.error.message}`;
    default:
      return undefined;
  }
}

/** The cluster of a run, if it needs one: a head that the flags name, or workers of its own. */
class RunCluster implements AsyncDisposable {
  readonly #parsed: ParsedFlags;
  readonly #runId: string;
  #client: ReturnType<typeof connect> | undefined;
  #embedded: Promise<EmbeddedCluster> | undefined;

  constructor(parsed: ParsedFlags, runId: string) {
    this.#parsed = parsed;
    this.#runId = runId;
  }

  async start() {
    const { flags } = this.#parsed;
    if (namesHead(flags)) return this.#client = connect(readClusterAddress(flags));
    const out = outOf(this.#parsed);
    this.#embedded = startEmbeddedCluster({
      workers: readPositive("workers", flags.get("workers"), navigator.hardwareConcurrency),
      logDir: `${out}/logs/${this.#runId}`,
      writableDirs: [out],
    });
    return (await this.#embedded).client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client?.[Symbol.asyncDispose]();
    await (await this.#embedded?.catch(() => undefined))?.[Symbol.asyncDispose]();
  }
}
