import { UserError } from "../base/errors.ts";
import type { Flow } from "./flow.ts";

/** A flow, and where it was found. */
export interface LoadedFlow {
  readonly flow: Flow<unknown[], unknown>;
  readonly module: string;
  readonly exportName: string;
}

/** Imports the module of a flow.
 * @param module URL
 * @param exportName default: the only flow that the module exports
 * @throws {UserError} when the module cannot be loaded, exports no flow of that name, or several without one */
export async function loadFlow(module: string, exportName?: string): Promise<LoadedFlow> {
  let exports: Record<string, unknown>;
  try {
    exports = await import(module);
  } catch (cause) {
    throw new UserError("flow/cannot-load", `Cannot load ${module}: ${(cause as Error).message}`, {
      cause,
    });
  }
  const flows = Object.keys(exports).filter((name) => isFlow(exports[name]));
  const found = exportName ?? (flows.length === 1 ? flows[0]! : undefined);
  const flow = found === undefined ? undefined : exports[found];
  if (found !== undefined && isFlow(flow)) return { flow, module, exportName: found };
  throw new UserError(
    "flow/not-found",
    `Cannot find ${
      exportName === undefined ? "the flow" : `the flow ${exportName}`
    } in ${module}: ` +
      `it exports ${flows.length === 0 ? "no flows" : flows.join(", ")}`,
    { hint: "Name it behind the file, for instance nightly.ts#nightly." },
  );
}

function isFlow(value: unknown): value is Flow<unknown[], unknown> {
  return typeof value === "function" && "flowName" in value && "run" in value;
}
