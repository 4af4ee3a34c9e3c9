import { traceSubmission } from "../../src/base/tracing.ts";
import type { WireTask } from "../protocol/messages.ts";
import { checkPermissions } from "../protocol/task_permissions.ts";
import { encodeTaskPayload } from "../protocol/task_payload.ts";
import type { DependencyArgument } from "../protocol/task_payload.ts";
import type { StreamResume } from "../scheduler/types.ts";
import type { PackedArguments } from "./client_objects.ts";
import type { LocatedFunction } from "./code_source.ts";
import { submittedEnvironment } from "./environment.ts";
import { rulesOf } from "./task_rules.ts";
import type { SubmitOptions } from "./types.ts";

// Shared by all tasks that have nothing else: equal parts are told by their being one object.
const ONE_CPU = { cpus: 1 } as const;
const NO_TASKS: readonly string[] = [];
const NO_RETRY = { maxAttempts: 1, baseDelayMs: 0, maxDelayMs: 0 } as const;

/** Arguments in which names of tasks stand for their handles. */
export interface NamedArguments {
  readonly encodable: readonly unknown[];
  /** The tasks whose handles were among them. */
  readonly dependencies: readonly string[];
}

/** Puts the names of tasks in the place of their handles.
 * @param taskIds the task of each handle
 * @throws {TypeError} for a list of handles as one argument */
export function packArguments(
  args: readonly unknown[],
  taskIds: Pick<WeakMap<object, string>, "get" | "has">,
): NamedArguments {
  if (!args.some((arg) => isHandleOrList(arg, taskIds))) {
    return { encodable: args, dependencies: NO_TASKS };
  }
  const dependencies: string[] = [];
  const encodable = args.map((arg, i): unknown => {
    const dependency = typeof arg === "object" && arg !== null ? taskIds.get(arg) : undefined;
    if (dependency === undefined) {
      if (Array.isArray(arg) && taskIds.has(arg[0])) throw handlesWithin(i);
      return arg;
    }
    return { $dependency: dependencies.push(dependency) - 1 } satisfies DependencyArgument;
  });
  return { encodable, dependencies };
}

function isHandleOrList(arg: unknown, taskIds: Pick<WeakMap<object, string>, "has">): boolean {
  return typeof arg === "object" && arg !== null && (taskIds.has(arg) || Array.isArray(arg));
}

function handlesWithin(argument: number): TypeError {
  return new TypeError(
    `Cannot take the handles of tasks within args[${argument}]: each has to be an argument itself. ` +
      `Spread the list, and let the function have a rest parameter`,
  );
}

/** A task as it travels.
 * @throws {TypeError} for an argument that has no encoding, and for permissions that say nothing to Deno · {RangeError} when the arguments are too large */
export function wireTask(
  taskId: string,
  fn: LocatedFunction,
  { args, dependencies, objects }: PackedArguments,
  options: SubmitOptions & { readonly stream?: StreamResume },
): WireTask {
  const { stream } = options;
  const usual = rulesOf(options, fn, args);
  const rules = stream === undefined ? usual : { ...usual, stream };
  const traceparent = traceSubmission(options.name ?? fn.exportName);
  if (fn.permissions !== undefined) checkPermissions(fn.permissions);
  return {
    taskId,
    name: options.name ?? fn.exportName,
    payload: encodeTaskPayload({
      ...fn,
      env: submittedEnvironment(),
      ...(traceparent === undefined ? {} : { traceparent }),
      ...(stream === undefined ? {} : { stream }),
    }, args),
    dependencies,
    objects,
    resources: options.resources ?? ONE_CPU,
    priority: options.priority ?? 0,
    retry: options.retry ?? NO_RETRY,
    runTimeoutMs: options.runTimeoutMs ?? Infinity,
    ...(rules === undefined ? {} : { rules }),
    ...(options.isDetached && { isDetached: true }),
  };
}
