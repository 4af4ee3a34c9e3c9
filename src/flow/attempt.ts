import type { TaskHandle } from "../../cluster/client/types.ts";
import { openEnvelope } from "./artifact_envelope.ts";
import { CancelScope } from "./cancel_scope.ts";
import { AttemptTimedOutError } from "./flow_errors.ts";
import type { FlowRun } from "./flow_run.ts";
import type { OpenTransaction } from "./open_transaction.ts";
import { callInContext } from "./run_context.ts";
import { SharedValue } from "./shared_value.ts";
import type { TaskDefinition, TaskPlace } from "./task_definition.ts";
import type { TaskRun } from "./task_run.ts";

/** A call of a task under way. */
export interface Call<R> {
  readonly flowRun: FlowRun;
  readonly task: TaskDefinition<R>;
  readonly args: readonly unknown[];
  readonly summary: string;
  readonly key: string | undefined;
  readonly scope: CancelScope;
  /** That it is a part of. */
  readonly transaction: OpenTransaction | undefined;
}

/** One attempt to run a task. */
export class Attempt<R> {
  readonly #call: Call<R>;
  readonly #taskRun: TaskRun;
  #handle: TaskHandle<R> | undefined;

  constructor(call: Call<R>, taskRun: TaskRun) {
    this.#call = call;
    this.#taskRun = taskRun;
  }

  /** Settles with the task's result.
   * @throws whatever the function threw · {TaskFailedError} when it failed on the cluster ·
   * {AttemptTimedOutError} · {Error} the scope's reason, at once, when it is cancelled */
  async run(): Promise<R> {
    const { place, timeoutMs } = this.#call.task;
    if (place.type === "cluster") return await this.#runOnCluster(place);
    return await (timeoutMs === undefined
      ? this.#runLocally(this.#call.scope)
      : this.#runLocallyWithin(timeoutMs));
  }

  /** Stops what runs on the cluster. A local function cannot be stopped from outside: its `runSignal()` is aborted,
   * and what it still returns is not looked at. */
  stop(): void {
    this.#handle?.cancel();
  }

  async #runLocally(scope: CancelScope): Promise<R> {
    const { flowRun, task, args, transaction } = this.#call;
    const values = args.map((arg) => arg instanceof SharedValue ? arg.value : arg);
    const result = callInContext(
      { flowRun, scope, task: this.#taskRun.identity, transaction },
      () => task.call(values),
    );
    return isPromiseLike(result) ? await scope.race(result) : result;
  }

  async #runLocallyWithin(timeoutMs: number): Promise<R> {
    const { flowRun, scope } = this.#call;
    const inner = new CancelScope(scope);
    const stopTimer = flowRun.clock.after(timeoutMs, () => {
      inner.cancel(new AttemptTimedOutError(`it took longer than ${timeoutMs} ms`));
    });
    try {
      return await this.#runLocally(inner);
    } finally {
      stopTimer();
      inner.close();
    }
  }

  async #runOnCluster(place: TaskPlace & { type: "cluster" }): Promise<R> {
    const { flowRun, task, args, scope } = this.#call;
    const { cluster } = flowRun;
    const client = await scope.race(cluster.client(task.name));
    const sent = await scope.race(
      Promise.all(args.map((arg) => arg instanceof SharedValue ? cluster.put(client, arg) : arg)),
    );
    const handle = client.submit<R>(place.fn, sent, {
      name: task.name,
      runId: flowRun.runId,
      ...(place.resources && { resources: place.resources }),
      ...(place.priority !== undefined && { priority: place.priority }),
      ...(task.timeoutMs !== undefined && { runTimeoutMs: task.timeoutMs }),
    });
    this.#handle = handle;
    this.#taskRun.noteClusterTask(handle.taskId);
    const { result, artifacts } = openEnvelope(await scope.race(handle.result));
    for (const [name, content] of artifacts) {
      flowRun.keepArtifact(this.#taskRun.identity, name, content);
    }
    return result;
  }
}

function isPromiseLike<R>(value: R | PromiseLike<R>): value is PromiseLike<R> {
  return typeof (value as PromiseLike<R> | undefined | null)?.then === "function";
}
