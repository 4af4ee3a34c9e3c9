import type { FunctionRef, Resources } from "../../cluster/client/mod.ts";
import type { ParameterSchemas } from "./parameters.ts";
import type { RetryBackoff } from "./retry_delay.ts";
import type { StateHooks } from "./state_hooks.ts";

/** Where a task runs: in this process, or on a node of the cluster. */
export type TaskPlace =
  | { readonly type: "local" }
  | {
    readonly type: "cluster";
    readonly fn: FunctionRef;
    readonly resources: Resources | undefined;
    readonly priority: number | undefined;
  };

/** A task with everything decided. */
export interface TaskDefinition<R> {
  readonly name: string;
  readonly call: (args: readonly unknown[]) => R | PromiseLike<R>;
  readonly place: TaskPlace;
  /** The module whose code counts in the cache key; undefined for a task whose results are not kept. */
  readonly cachedModule: string | undefined;
  /** Attempts after the first. */
  readonly retries: number;
  readonly backoff: RetryBackoff;
  /** Of each attempt; undefined for none. */
  readonly timeoutMs: number | undefined;
  /** A cached result that is older counts as missing; undefined: none is. */
  readonly cacheForMs: number | undefined;
  readonly parameters: ParameterSchemas<unknown[]>;
  readonly onState: StateHooks;
  /** Names of limits that it counts for. */
  readonly tags: readonly string[];
  /** Whether something has to be called when a result of it is rolled back. */
  readonly hasRollback: boolean;
  readonly validate: ((result: R) => boolean | Promise<boolean>) | undefined;
}
