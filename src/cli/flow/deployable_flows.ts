import type { Flow } from "../../flow/mod.ts";
import { COMMAND_RUNS, metaRun, productionRun } from "./command_runs.ts";

/** Where a flow is. */
export interface FlowPlace {
  /** URL. */
  readonly module: string;
  /** Undefined: the only one of the module. */
  readonly exportName: string | undefined;
}

const PLACES: ReadonlyMap<string, FlowPlace> = new Map([
  ["production", placeOf({ productionRun })],
  ["meta", placeOf({ metaRun })],
]);

/** The flow of our own that is deployed by a name; undefined when there is none. */
export function ownFlow(name: string): FlowPlace | undefined {
  return PLACES.get(name);
}

/** @param exported the flow under the name of its export */
function placeOf(exported: Readonly<Record<string, Pick<Flow<never, unknown>, "flowName">>>) {
  return { module: COMMAND_RUNS, exportName: Object.keys(exported)[0] };
}
