import { callAsChild } from "./child_flow.ts";
import { toCamelCase } from "./camel_case.ts";
import type { FlowDefinition, FlowOptions } from "./flow_options.ts";
import { DEFAULT_BACKOFF } from "./retry_delay.ts";
import { currentContext } from "./run_context.ts";
import { type FlowRunOptions, runFlow } from "./run_flow.ts";

/** A flow. Called inside of a run it becomes a run of its own, a child of that one, with the same store, cluster and
 * listener, cancelled with it; called outside of any run it is the plain function. `run` executes it as a run. */
export interface Flow<A extends unknown[], R> {
  (...args: A): Promise<R>;
  /** In the store and in logs. */
  readonly flowName: string;
  /** The same flow under an id of its own as a child: `<parent's id>-<label>`. By default it is made of the flow's name and
   * its arguments. One label names one child of a run. */
  labelled(label: string): (...args: A) => Promise<R>;
  /** Executes the flow: the tasks that it calls become task runs, and what an earlier execution of them left in the
   * cache is not computed again.
   * @throws {FlowCancelledError} when the signal was aborted, or somebody asked for it
   * @throws {UserError} for arguments that do not fit, a bad run id, and a run that is completed, another flow's, or being
   * executed by a living process
   * @throws whatever the function threw, a {@linkcode TaskRunFailedError} where a task failed */
  run(args: A, options: FlowRunOptions): Promise<R>;
}

/** Makes a flow of a function that calls tasks and other flows.
 * @param name of the flow, in the store and in logs
 * @throws {RangeError} for negative retries or a timeout that is not positive */
export function flow<A extends unknown[], R>(
  name: string,
  fn: (...args: A) => R | Promise<R>,
  options: FlowOptions<A> = {},
): Flow<A, Awaited<R>> {
  type Result = Awaited<R>;
  const definition = defineFlow(name, fn, options);
  const callLabelled = (label: string | undefined) => async (...args: A): Promise<Result> => {
    const context = currentContext();
    if (context === undefined) return await fn(...args);
    return await callAsChild(context, definition, args, label) as Result;
  };
  const run = (args: A, options: FlowRunOptions): Promise<Result> =>
    runFlow(definition, args, options) as Promise<Result>;
  return Object.assign(callLabelled(undefined), { flowName: name, labelled: callLabelled, run });
}

function defineFlow<A extends unknown[], R>(
  name: string,
  fn: (...args: A) => R | Promise<R>,
  options: FlowOptions<A>,
): FlowDefinition {
  const { module, retries = 0, timeoutMs } = options;
  if (!(retries >= 0)) throw new RangeError(`Cannot define flow ${name}: retries is ${retries}`);
  if (!((timeoutMs ?? 1) > 0)) {
    throw new RangeError(`Cannot define flow ${name}: timeoutMs is ${timeoutMs}`);
  }
  return {
    name,
    call: async (args) => await fn(...args as A),
    module,
    exportName: module === undefined ? undefined : options.exportName ?? toCamelCase(name),
    parameters: (options.parameters ?? []) as FlowDefinition["parameters"],
    retries,
    backoff: {
      baseDelayMs: options.retryBaseDelayMs ?? DEFAULT_BACKOFF.baseDelayMs,
      maxDelayMs: options.retryMaxDelayMs ?? DEFAULT_BACKOFF.maxDelayMs,
    },
    timeoutMs,
    onState: options.onState ?? {},
  };
}
