import type { Resources } from "../scheduler/types.ts";
import { readTaskCall } from "../protocol/task_payload.ts";
import type { TaskCall } from "../protocol/task_payload.ts";
import type { AssignedAttempt } from "./attempts.ts";
import type { CodeEnvironment } from "./code_environment.ts";
import { configArgs } from "./code_versions.ts";
import type { CodeVersions } from "./code_versions.ts";
import type { ExecutorJob } from "./executor.ts";
import { type ExecutorKind, executorKind, withPermissions } from "./executor_kind.ts";
import type { NodeObjects } from "./node_objects.ts";
import { folderOfModule } from "./permission_flags.ts";
import { secretsOf } from "./output/secrets.ts";

const UNREADABLE: TaskCall = { module: "", exportName: "", env: {} };

/** What attempts need of an executor. */
export class AttemptJobs {
  readonly #memoryPerSlotBytes: number | undefined;
  readonly #codes: CodeVersions;
  readonly #objects: Pick<NodeObjects, "isReady">;
  /** Of tasks that name no code: their modules lie at the same place on every node. */
  readonly #inPlace: CodeEnvironment;
  /** The attempt that was looked at last: it is asked for several times in a row. */
  #lastAttempt: AssignedAttempt | undefined;
  #lastCall: TaskCall | undefined;
  readonly #secrets = new WeakMap<TaskCall, string[]>();
  /** The kind that was asked for last: as long as resources and code stay the same it is that of the next attempt. */
  #lastKind: { readonly resources: Resources; readonly kind: ExecutorKind } | undefined;

  /** @param configPath the deno.json by which modules that are of no project's code resolve their imports; undefined:
   * Tradewind's */
  constructor(
    memoryPerSlotBytes: number | undefined,
    configPath: string | undefined,
    codes: CodeVersions,
    objects: Pick<NodeObjects, "isReady">,
  ) {
    this.#objects = objects;
    this.#memoryPerSlotBytes = memoryPerSlotBytes;
    this.#codes = codes;
    const denoArgs = configArgs(configPath);
    this.#inPlace = { key: "", rootUrl: undefined, denoArgs };
  }

  /** The kind of executor for tasks that ask for nothing but a cpu. */
  get usualKind(): ExecutorKind {
    return this.#kind({ cpus: 1 }, this.#inPlace);
  }

  /** The kind of executor that an attempt takes; undefined while its code is not ready here. */
  kindOf(attempt: AssignedAttempt): ExecutorKind | undefined {
    const environment = this.#environmentOf(attempt);
    return environment && this.#kindFor(attempt, environment);
  }

  /** Gets the code of an attempt ready, and keeps it so until the lease is disposed of.
   * @throws {CodeError} when no node could · {NotPreparedError} when this one cannot */
  async leaseKind(attempt: AssignedAttempt): Promise<Disposable & { readonly kind: ExecutorKind }> {
    const { code } = this.#callOf(attempt);
    if (code === undefined) {
      return { kind: this.#kindFor(attempt, this.#inPlace), [Symbol.dispose]() {} };
    }
    const lease = await this.#codes.lease(code);
    return {
      kind: this.#kindFor(attempt, lease.environment),
      [Symbol.dispose]: () => lease[Symbol.dispose](),
    };
  }

  /** Whether an attempt can be handed to a busy executor of a kind as it is: nothing that it reads has to be fetched. */
  canFollow(attempt: AssignedAttempt, kind: ExecutorKind): boolean {
    const isReady = attempt.objects.length === 0 ||
      (!this.readsFromDisk(attempt) && this.#objects.isReady(attempt.objects));
    return isReady && this.kindOf(attempt)?.key === kind.key;
  }

  /** Whether its executor cannot read objects in memory. */
  readsFromDisk(attempt: AssignedAttempt): boolean {
    return this.#callOf(attempt).permissions?.ffi === false;
  }

  /** From where the module of an attempt is named; undefined: by its whole URL. */
  codeUrlOf(attempt: AssignedAttempt): string | undefined {
    return this.#environmentOf(attempt)?.rootUrl;
  }

  /** What must not be seen of its environment. */
  secretsOf(attempt: AssignedAttempt): string[] {
    const call = this.#callOf(attempt);
    let secrets = this.#secrets.get(call);
    if (secrets === undefined) {
      secrets = secretsOf(call.env);
      this.#secrets.set(call, secrets);
    }
    return secrets;
  }

  /** What an executor gets. */
  job(attempt: AssignedAttempt): ExecutorJob {
    const { attemptId, taskId, payload, inputs, info } = attempt;
    const codeUrl = this.codeUrlOf(attempt);
    return {
      message: { type: "Run", attemptId, taskId, payload, codeUrl, inputs, info },
      secrets: this.secretsOf(attempt),
    };
  }

  #kindFor(attempt: AssignedAttempt, environment: CodeEnvironment): ExecutorKind {
    const kind = this.#kind(attempt.resources, environment);
    const { permissions, module } = this.#callOf(attempt);
    return permissions === undefined
      ? kind
      : withPermissions(kind, permissions, folderOfModule(module));
  }

  #kind(resources: Resources, environment: CodeEnvironment): ExecutorKind {
    const last = this.#lastKind;
    if (last?.resources === resources && last.kind.environment === environment) return last.kind;
    const kind = executorKind(resources, this.#memoryPerSlotBytes, environment);
    this.#lastKind = { resources, kind };
    return kind;
  }

  #environmentOf(attempt: AssignedAttempt): CodeEnvironment | undefined {
    const { code } = this.#callOf(attempt);
    return code === undefined ? this.#inPlace : this.#codes.find(code);
  }

  #callOf(attempt: AssignedAttempt): TaskCall {
    if (this.#lastCall === undefined || this.#lastAttempt !== attempt) {
      this.#lastAttempt = attempt;
      this.#lastCall = callOf(attempt);
    }
    return this.#lastCall;
  }
}

/** What no client of ours would send is an executor's to refuse: it costs the node nothing. */
function callOf({ payload }: AssignedAttempt): TaskCall {
  try {
    return readTaskCall(payload);
  } catch {
    return UNREADABLE;
  }
}
