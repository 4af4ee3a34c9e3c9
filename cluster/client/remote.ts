import { TASK_BODY } from "../protocol/body.ts";
import type { ObjectRef } from "../protocol/object_ref.ts";
import type { FunctionRef } from "../scheduler/types.ts";
import type { TaskHandle } from "./types.ts";

/** A function that a node can load, with the types of its arguments and of its result. */
export interface RemoteFunction<A extends readonly unknown[], R> extends FunctionRef {
  /** Never there: the compiler alone looks at its type. */
  readonly signature?: (...args: A) => R;
}

/** Arguments of a task: each may also be the reference of an object, or the handle of a task, of that type. */
export type RemoteArguments<A extends readonly unknown[]> = {
  readonly [K in keyof A]: A[K] | ObjectRef | TaskHandle<A[K]>;
};

/** Names an exported function for the nodes that run it, with its types.
 *
 * ```ts ignore
 * export function add(a: number, b: number): number {
 *   return a + b;
 * }
 * const sum = await client.submit(remote(import.meta.url, add), [1, 2]).result; // a number
 * ```
 * @param module `import.meta.url` of the module that exports the function
 * @param fn exported under its own name; the body of a flow's task is found under the task's name in the module
 * @param exportName where the export has another name than the function
 * @throws {TypeError} for a function without a name */
export function remote<A extends readonly unknown[], R>(
  module: string,
  fn: (...args: A) => R,
  exportName: string = nameOf(fn),
): RemoteFunction<A, Awaited<R>> {
  return { module, exportName };
}

function nameOf(fn: { readonly name: string; readonly [TASK_BODY]?: unknown }): string {
  if (fn.name !== "" && fn[TASK_BODY] === undefined) return fn.name;
  throw new TypeError(
    `Cannot name ${fn.name === "" ? "a function without a name" : "a task by its function"}: ` +
      `give the name of the export as the third argument of remote()`,
  );
}
