import type { Resources } from "../scheduler/types.ts";
import { decodeTaskPayload } from "../protocol/task_payload.ts";
import type { TaskPayload } from "../protocol/task_payload.ts";
import type { AssignedAttempt } from "./attempts.ts";
import type { CodeEnvironment } from "./code_environment.ts";
import { configArgs } from "./code_versions.ts";
import type { CodeVersions } from "./code_versions.ts";
import type { ExecutorJob } from "./executor.ts";
import { type ExecutorKind, executorKind, withPermissions } from "./executor_kind.ts";
import type { NodeObjects } from "./node_objects.ts";
import { folderOfModule } from "./permission_flags.ts";
import { secretsOf } from "./output/secrets.ts";

/** What attempts need of an executor; each payload is opened once. */
export class AttemptJobs {
  readonly #memoryPerSlotBytes: number | undefined;
  readonly #codes: CodeVersions;
  readonly #objects: Pick<NodeObjects, "isReady">;
  /** Of tasks that name no code: their modules lie at the same place on every node. */
  readonly #inPlace: CodeEnvironment;
  readonly #payloads = new WeakMap<AssignedAttempt, TaskPayload>();

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
    const { code } = this.#payloadOf(attempt);
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
    return this.#objects.isReady(attempt.objects) && this.kindOf(attempt)?.key === kind.key;
  }

  /** From where the module of an attempt is named; undefined: by its whole URL. */
  codeUrlOf(attempt: AssignedAttempt): string | undefined {
    return this.#environmentOf(attempt)?.rootUrl;
  }

  /** What must not be seen of its environment. */
  secretsOf(attempt: AssignedAttempt): string[] {
    return secretsOf(this.#payloadOf(attempt).env);
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
    const { permissions, module } = this.#payloadOf(attempt);
    return permissions === undefined
      ? kind
      : withPermissions(kind, permissions, folderOfModule(module));
  }

  #kind(resources: Resources, environment: CodeEnvironment): ExecutorKind {
    return executorKind(resources, this.#memoryPerSlotBytes, environment);
  }

  #environmentOf(attempt: AssignedAttempt): CodeEnvironment | undefined {
    const { code } = this.#payloadOf(attempt);
    return code === undefined ? this.#inPlace : this.#codes.find(code);
  }

  #payloadOf(attempt: AssignedAttempt): TaskPayload {
    let payload = this.#payloads.get(attempt);
    if (payload === undefined) {
      payload = decodeTaskPayload(attempt.payload);
      this.#payloads.set(attempt, payload);
    }
    return payload;
  }
}
