import {
  type ClusterStatus,
  type ObjectRef,
  type SubmitOptions,
  TaskCancelledError,
  TaskFailedError,
  type TaskHandle,
} from "../../cluster/client/types.ts";
import type { TaskCluster } from "../../src/flow/cluster_link.ts";
import { isObjectRef } from "../../cluster/protocol/object_ref.ts";
import { TASK_BODY } from "../../cluster/protocol/body.ts";
import type { FunctionRef } from "../../cluster/scheduler/types.ts";
import { sha256Hex } from "../../src/base/hash.ts";
import { decodeValue, encodeValue } from "../../src/base/value_codec.ts";

/** One submission that the fake was given. */
export interface Submission {
  readonly fn: FunctionRef;
  readonly args: readonly unknown[];
  readonly options: SubmitOptions;
}

/** A cluster inside this process: imports modules and calls bodies as an executor does, over encoded values. */
export class FakeCluster implements TaskCluster {
  /** How often a run connected. */
  starts = 0;
  readonly submissions: Submission[] = [];
  readonly puts: unknown[] = [];
  readonly cancelled: FunctionRef[] = [];
  /** Names of exports whose tasks never end by themselves. */
  readonly hanging: Set<string> = new Set();
  readonly #objects = new Map<string, Uint8Array>();
  #onSubmit: (() => void) | undefined;

  /** What a flow run takes as its `cluster`. */
  connect = (): Promise<TaskCluster> => {
    this.starts++;
    return Promise.resolve(this);
  };

  /** Resolves when so many tasks were submitted. */
  async submitted(count: number): Promise<void> {
    while (this.submissions.length < count) {
      await new Promise<void>((resolve) => this.#onSubmit = resolve);
    }
  }

  submit<R>(fn: FunctionRef, args: readonly unknown[], options: SubmitOptions = {}): TaskHandle<R> {
    this.submissions.push({ fn, args, options });
    this.#onSubmit?.();
    const cancelled = Promise.withResolvers<never>();
    const result = this.hanging.has(fn.exportName)
      ? cancelled.promise
      : Promise.race([this.#execute(fn, args), cancelled.promise]);
    const cancel = () => {
      this.cancelled.push(fn);
      cancelled.reject(new TaskCancelledError(`${fn.exportName} was cancelled`));
    };
    return { taskId: `task-${this.submissions.length}`, result: result as Promise<R>, cancel };
  }

  put(value: unknown): Promise<ObjectRef> {
    this.puts.push(value);
    const bytes = encodeValue(value);
    const ref = { $object: sha256Hex(bytes), sizeBytes: bytes.length };
    this.#objects.set(ref.$object, bytes);
    return Promise.resolve(ref);
  }

  status(): Promise<ClusterStatus> {
    return Promise.reject(new Error("The fake cluster has no status"));
  }

  async #execute(fn: FunctionRef, args: readonly unknown[]): Promise<unknown> {
    const module = await import(fn.module) as Record<string, { [TASK_BODY]?: unknown }>;
    const exported = module[fn.exportName]!;
    const body = (exported[TASK_BODY] ?? exported) as (...values: unknown[]) => unknown;
    const values = await Promise.all(
      args.map((arg) => isObjectRef(arg) ? decodeValue(this.#objects.get(arg.$object)!) : arg),
    );
    try {
      return decodeValue(encodeValue(await body(...values)));
    } catch (error) {
      const { message, name, stack } = error as Error;
      throw new TaskFailedError(message, "thrown", name, stack);
    }
  }
}
