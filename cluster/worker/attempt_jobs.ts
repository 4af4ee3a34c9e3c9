import type { ExecutorInput } from "../protocol/messages.ts";
import { decodeTaskPayload } from "../protocol/task_payload.ts";
import type { TaskPayload } from "../protocol/task_payload.ts";
import type { AssignedAttempt } from "./attempts.ts";
import type { ExecutorJob } from "./executor.ts";
import { type ExecutorKind, executorKind } from "./executor_kind.ts";
import { secretsOf } from "./output/secrets.ts";

/** What attempts need of an executor; each payload is opened once. */
export class AttemptJobs {
  readonly #memoryPerSlotBytes: number | undefined;
  readonly #payloads = new WeakMap<AssignedAttempt, TaskPayload>();

  constructor(memoryPerSlotBytes: number | undefined) {
    this.#memoryPerSlotBytes = memoryPerSlotBytes;
  }

  /** The kind of executor for tasks that ask for nothing but a cpu. */
  get usualKind(): ExecutorKind {
    return executorKind({ cpus: 1 }, this.#memoryPerSlotBytes);
  }

  /** The kind of executor that an attempt takes. */
  kindOf({ resources }: AssignedAttempt): ExecutorKind {
    return executorKind(resources, this.#memoryPerSlotBytes);
  }

  /** The objects that must be on the node before it starts. */
  objectsOf(attempt: AssignedAttempt): readonly string[] {
    return this.#payloadOf(attempt).objects;
  }

  /** Whether an attempt can be handed to a busy executor of a kind as it is: nothing that it reads has to be fetched. */
  canFollow(attempt: AssignedAttempt, kind: ExecutorKind): boolean {
    return attempt.inputs.every(({ type }) => type === "inline") &&
      this.objectsOf(attempt).length === 0 && this.kindOf(attempt).key === kind.key;
  }

  /** What must not be seen of its environment. */
  secretsOf(attempt: AssignedAttempt): string[] {
    return secretsOf(this.#payloadOf(attempt).env);
  }

  /** What an executor gets. */
  job(
    attempt: AssignedAttempt,
    inputs: readonly ExecutorInput[],
    objects: readonly { readonly objectId: string; readonly path: string }[],
  ): ExecutorJob {
    const { attemptId, taskId, payload, info } = attempt;
    return {
      message: { type: "Run", attemptId, taskId, payload, inputs, objects, info },
      secrets: this.secretsOf(attempt),
    };
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
