import { TASK_BODY } from "../../cluster/protocol/body.ts";
import type { Resources } from "../../cluster/client/mod.ts";
import { withEnvelope } from "./artifact_envelope.ts";
import { boundedMap } from "./bounded_map.ts";
import { toCamelCase } from "./camel_case.ts";
import { executeTask } from "./execute_task.ts";
import { type ParameterSchemas, validateParameters } from "./parameters.ts";
import { DEFAULT_BACKOFF } from "./retry_delay.ts";
import { registerRollback } from "./rollback_hooks.ts";
import { currentContext, type RunContext } from "./run_context.ts";
import { SharedValue } from "./shared_value.ts";
import type { StateHooks } from "./state_hooks.ts";
import type { TaskDefinition } from "./task_definition.ts";
import { type Input, type Inputs, resolveInputs, TaskSubmission } from "./task_inputs.ts";

/** What both kinds of task can be told. */
export interface CommonTaskOptions<R> {
  /** Keep results and take them from the cache; default: true where `module` is given. */
  readonly cache?: boolean;
  /** Attempts after the first; default 0. */
  readonly retries?: number;
  /** Upper bound of the delay before the second attempt, doubled for each later one; default 500. */
  readonly retryBaseDelayMs?: number;
  /** Upper bound of every delay; default 30,000. */
  readonly retryMaxDelayMs?: number;
  /** Limit on each attempt; default: none. A local function that never gives way to others cannot be stopped. */
  readonly timeoutMs?: number;
  /** Calls of one `map` under way at the same time; default 8 for local tasks, 512 for those of the cluster. */
  readonly concurrency?: number;
  /** A result that is older is computed again; default: it never gets too old. */
  readonly cacheForMs?: number;
  /** What the arguments have to be, in their order: schemas of zod, or of any library that implements Standard Schema.
   * A shared value is not looked into. */
  readonly parameters?: ParameterSchemas<unknown[]>;
  /** Called when a run of this task has come into a state. */
  readonly onState?: StateHooks;
  /** Names of limits of the store that its attempts count for, see `FlowStore.limits`. */
  readonly tags?: readonly string[];
  /** Undoes what a run of it did in a transaction that is rolled back; needs `module`. It is called in the process of the
   * flow, and may be called twice for one result. */
  readonly onRollback?: (result: R) => void | Promise<void>;
  /** Called with a cached result: false has it computed again, for instance because a file that it names is gone. */
  readonly validate?: (result: R) => boolean | Promise<boolean>;
}

/** A task that runs in the process of the flow. */
export interface LocalTaskOptions<R> extends CommonTaskOptions<R> {
  /** Where it runs. */
  readonly run: "local";
  /** `import.meta.url` where the task is defined: its code is a part of the cache key. */
  readonly module?: string;
}

/** A task that runs on a node of the cluster. */
export interface ClusterTaskOptions<R> extends CommonTaskOptions<R> {
  /** Where it runs. */
  readonly run: "cluster";
  /** `import.meta.url` where the task is defined: the node imports it, its code is a part of the cache key. */
  readonly module: string;
  /** Under which the module exports the task, or the bare function; default: the task's name in camelCase. */
  readonly exportName?: string;
  /** Higher goes first; default 0. */
  readonly priority?: number;
  /** Default: `{ cpus: 1 }`. */
  readonly resources?: Resources;
}

/** How and where a task runs. */
export type TaskOptions<R> = LocalTaskOptions<R> | ClusterTaskOptions<R>;

/** The types of a task's arguments after the first. */
export type Rest<A extends unknown[]> = A extends [unknown, ...infer Others] ? Others : [];

/** A function whose calls inside a flow run are task runs: states stored, results kept, retried. Outside of a flow run
 * it is the plain function. An argument may also be a {@linkcode SharedValue}, or the {@linkcode TaskSubmission} of
 * another task. */
export interface Task<A extends unknown[], R> {
  (...args: Inputs<A>): Promise<R>;
  /** In cache keys and logs. */
  readonly taskName: string;
  /** Calls it for each input, bounded, with the same further arguments; results are in the order of the inputs. The
   * first failure keeps the rest from starting, cancels what the cluster has of them, and is thrown. */
  map(inputs: Iterable<Input<A[0]>>, ...rest: Inputs<Rest<A>>): Promise<R[]>;
  /** Starts it without waiting. A flow ends only when all that it submitted has, and fails with a submitted task
   * whose result nobody asked for. */
  submit(...args: Inputs<A>): TaskSubmission<R>;
  /** The function itself, for the node that runs it.
   * @internal */
  readonly [TASK_BODY]: (...args: A) => R | Promise<R>;
}

const DEFAULT_LOCAL_CONCURRENCY = 8;
const DEFAULT_CLUSTER_CONCURRENCY = 512;

/** Makes a task of a function.
 * @param name of the task, in cache keys and logs; unique within its module
 * @param fn its arguments and its result are plain data (see `encodeValue`) when it is cached or runs on the cluster
 * @throws {TypeError} for a task with `cache` or `onRollback` but without `module`
 * @throws {RangeError} for negative retries or a timeout or concurrency that is not positive */
export function task<A extends unknown[], R>(
  name: string,
  fn: (...args: A) => R | Promise<R>,
  options: TaskOptions<Awaited<R>>,
): Task<A, Awaited<R>> {
  type Result = Awaited<R>;
  const definition = defineTask(name, fn as (...args: A) => Result | Promise<Result>, options);
  const concurrency = options.concurrency ??
    (options.run === "local" ? DEFAULT_LOCAL_CONCURRENCY : DEFAULT_CLUSTER_CONCURRENCY);

  const call = (...args: Inputs<A>) => callTask(definition, args, currentContext());
  const map = async (inputs: Iterable<Input<A[0]>>, ...rest: Inputs<Rest<A>>) => {
    const context = currentContext();
    return await boundedMap(
      inputs,
      concurrency,
      context?.scope,
      (input, scope) => callTask(definition, [input, ...rest], context && { ...context, scope }),
    );
  };
  const submit = (...args: Inputs<A>) => {
    const context = currentContext();
    return new TaskSubmission(
      callTask(definition, args, context),
      context?.transaction ?? context?.flowRun,
    );
  };
  return Object.assign(call, {
    taskName: name,
    map,
    submit,
    [TASK_BODY]: withEnvelope(fn),
  }) as Task<A, Result>;
}

async function callTask<R>(
  definition: TaskDefinition<R>,
  inputs: readonly unknown[],
  context: RunContext | undefined,
): Promise<R> {
  if (context === undefined) {
    const args = await resolveInputs(inputs);
    return await definition.call(args.map((arg) => arg instanceof SharedValue ? arg.value : arg));
  }
  const { flowRun, scope, transaction } = context;
  const execute = async () => {
    const given = await resolveInputs(inputs);
    const { name, parameters } = definition;
    const args = parameters.length === 0
      ? given
      : await validateParameters(`task ${name}`, parameters, given);
    return await executeTask(flowRun, definition, args, scope, transaction);
  };
  const work = flowRun.track(execute());
  return await (transaction?.track(work) ?? work);
}

function defineTask<A extends unknown[], R>(
  name: string,
  fn: (...args: A) => R | Promise<R>,
  options: TaskOptions<R>,
): TaskDefinition<R> {
  checkOptions(name, options);
  const isCached = options.cache ?? options.module !== undefined;
  const { module, onRollback } = options;
  if (module !== undefined && onRollback !== undefined) registerRollback(module, name, onRollback);
  return {
    name,
    call: (args) => fn(...args as A),
    place: options.run === "local" ? { type: "local" } : {
      type: "cluster",
      fn: { module: options.module, exportName: options.exportName ?? toCamelCase(name) },
      resources: options.resources,
      priority: options.priority,
    },
    cachedModule: isCached ? options.module : undefined,
    retries: options.retries ?? 0,
    backoff: {
      baseDelayMs: options.retryBaseDelayMs ?? DEFAULT_BACKOFF.baseDelayMs,
      maxDelayMs: options.retryMaxDelayMs ?? DEFAULT_BACKOFF.maxDelayMs,
    },
    timeoutMs: options.timeoutMs,
    cacheForMs: options.cacheForMs,
    parameters: options.parameters ?? [],
    onState: options.onState ?? {},
    tags: options.tags ?? [],
    hasRollback: onRollback !== undefined,
    validate: options.validate,
  };
}

function checkOptions<R>(name: string, options: TaskOptions<R>): void {
  if (options.cache && options.module === undefined) {
    throw new TypeError(
      `Cannot cache task ${name}: its code is not known; give \`module: import.meta.url\``,
    );
  }
  if (options.onRollback && (options.module === undefined || options.cache === false)) {
    throw new TypeError(
      `Cannot define task ${name}: onRollback needs \`module: import.meta.url\` and the cache`,
    );
  }
  if (!((options.retries ?? 0) >= 0)) {
    throw new RangeError(`Cannot define task ${name}: retries is ${options.retries}`);
  }
  if (!((options.timeoutMs ?? 1) > 0)) {
    throw new RangeError(`Cannot define task ${name}: timeoutMs is ${options.timeoutMs}`);
  }
  const odd = options.tags?.find((tag) => !/^[^,\s]+$/.test(tag));
  if (odd !== undefined) {
    throw new TypeError(
      `Cannot define task ${name}: the tag ${JSON.stringify(odd)} has a comma or a space`,
    );
  }
  if (!((options.cacheForMs ?? 1) > 0)) {
    throw new RangeError(`Cannot define task ${name}: cacheForMs is ${options.cacheForMs}`);
  }
  if (!((options.concurrency ?? 1) >= 1)) {
    throw new RangeError(`Cannot define task ${name}: concurrency is ${options.concurrency}`);
  }
}
