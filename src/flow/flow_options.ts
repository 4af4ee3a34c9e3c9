import type { RetryBackoff } from "./retry_delay.ts";
import type { StateHooks } from "./state_hooks.ts";
import type { ParameterSchemas } from "./parameters.ts";

/** How a flow behaves, whoever runs it. */
export interface FlowOptions<A extends unknown[] = unknown[]> {
  /** `import.meta.url` where the flow is exported: then other processes can run and resume it, and as a part of another
   * flow its result is kept, so that a resume of that one does not repeat it. */
  readonly module?: string;
  /** Under which the module exports it; default: the flow's name in camelCase. */
  readonly exportName?: string;
  /** What the arguments have to be, in their order: schemas of zod, or of any library that implements Standard Schema.
   * What the schema makes of an argument is what the function gets. */
  readonly parameters?: ParameterSchemas<A>;
  /** Executions of the function after one that failed; default 0. Tasks that are cached are not repeated. */
  readonly retries?: number;
  /** Upper bound of the delay before the second execution, doubled for each later one; default 500. */
  readonly retryBaseDelayMs?: number;
  /** Upper bound of every delay; default 30,000. */
  readonly retryMaxDelayMs?: number;
  /** Limit on each execution of the function; default: none. */
  readonly timeoutMs?: number;
  /** Called when a run of this flow has come into a state. */
  readonly onState?: StateHooks;
}

/** A flow with everything decided. */
export interface FlowDefinition {
  readonly name: string;
  readonly call: (args: readonly unknown[]) => Promise<unknown>;
  readonly module: string | undefined;
  readonly exportName: string | undefined;
  readonly parameters: ParameterSchemas<unknown[]>;
  readonly retries: number;
  readonly backoff: RetryBackoff;
  readonly timeoutMs: number | undefined;
  readonly onState: StateHooks;
}
