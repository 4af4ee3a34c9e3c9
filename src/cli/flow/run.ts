import type { FamilyCommand } from "../command_family.ts";
import { newId, parseRunId } from "../../base/ids.ts";
import { loadFlow } from "../../flow/load_flow.ts";
import type { FlowStore } from "../../flow/store/flow_store.ts";
import type { FlagSpec } from "../flags.ts";
import { executeRun, executeStoredRun, EXECUTION_EXIT_CODES, EXECUTION_FLAGS } from "./execute.ts";
import { parseFlowFile, parseParams, requireRun, withExecutingStore } from "./flow_command.ts";
import { ownFlow } from "./deployable_flows.ts";

const RUN_FLAGS: readonly FlagSpec[] = [
  {
    name: "params",
    kind: "value",
    placeholder: "JSON",
    help: "The arguments: one, or an array of all (default: those of the deployment, or none).",
  },
  {
    name: "run-id",
    kind: "value",
    placeholder: "ID",
    help: "Name of the run (default: a new one).",
  },
  ...EXECUTION_FLAGS,
];

/** `flow run`: executes a deployment, or a flow of a file. */
export const FLOW_RUN: FamilyCommand = {
  brief: "executes a deployment, or a flow of a file, now",
  spec: {
    command: "deno task flow -- run",
    summary: "Executes a flow in this process and prints what it returns.",
    positionals: ["NAME|FILE[#EXPORT]|production|meta"],
    flags: RUN_FLAGS,
    epilogue: [EXECUTION_EXIT_CODES],
  },
  run: async (parsed, terminal) => {
    const { flags, positionals: [what] } = parsed;
    return await withExecutingStore(parsed, async (store) => {
      const source = findSource(store, what!);
      const loaded = await loadFlow(source.module, source.exportName);
      const params = flags.get("params");
      const args = params === undefined ? source.args : parseParams(params);
      const runId = parseRunId(flags.get("run-id") ?? newId("run"));
      return await executeRun(store, loaded, args, runId, parsed, terminal);
    });
  },
};

/** `flow retry`: executes what is missing of a run. */
export const FLOW_RETRY: FamilyCommand = {
  brief: "executes what is missing of a run that did not complete",
  spec: {
    command: "deno task flow -- retry",
    summary:
      "Executes a run again that was cancelled, has failed, or whose process died. What was committed is not\n" +
      "repeated.",
    positionals: ["RUN_ID"],
    flags: EXECUTION_FLAGS,
    epilogue: [EXECUTION_EXIT_CODES],
  },
  run: (parsed, terminal) =>
    withExecutingStore(parsed, (store) => {
      const run = requireRun(store.runs, parsed.positionals[0]!);
      return executeStoredRun(store, run, parsed, terminal);
    }),
};

function findSource(store: FlowStore, what: string) {
  const deployment = store.deployments.find(what);
  if (deployment === undefined && ownFlow(what) === undefined && !/[./#\\]/.test(what)) {
    store.deployments.require(what);
  }
  if (deployment === undefined) return { ...parseFlowFile(what), args: [] };
  const { module, exportName } = deployment;
  return { module, exportName, args: JSON.parse(deployment.arguments) as unknown[] };
}
