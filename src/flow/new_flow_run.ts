import { summarizeArguments } from "./argument_summary.ts";
import type { FlowDefinition } from "./flow_options.ts";
import type { NewFlowRun } from "./store/run_registry.ts";

const SUMMARY_LENGTH = 2000;
const MAX_ARGUMENTS_LENGTH = 1_000_000;

/** A run of a flow as the store is to make it. */
export function newFlowRun(
  { name, module, exportName }: Pick<FlowDefinition, "name" | "module" | "exportName">,
  runId: string,
  parentRunId: string | undefined,
  args: readonly unknown[],
): NewFlowRun {
  return {
    runId,
    flowName: name,
    parentRunId,
    parameters: summarizeArguments(args, SUMMARY_LENGTH),
    arguments: asJson(args),
    module,
    exportName,
    deployment: undefined,
  };
}

/** The arguments as JSON, where that gives them back as they are. */
function asJson(args: readonly unknown[]): string | undefined {
  if (!args.every(isJson)) return undefined;
  const text = JSON.stringify(args);
  return text.length <= MAX_ARGUMENTS_LENGTH ? text : undefined;
}

function isJson(value: unknown): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value);
    case "object":
      if (value === null) return true;
      if (Array.isArray(value)) return value.every(isJson);
      return Object.getPrototypeOf(value) === Object.prototype &&
        Object.values(value).every(isJson);
    default:
      return false;
  }
}
