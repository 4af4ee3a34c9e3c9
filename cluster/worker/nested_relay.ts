import { assertNever, errorMessage } from "../../src/base/errors.ts";
import type { ExecutorRequest, WorkerMessage } from "../protocol/messages.ts";
import type { HeldAttempts } from "./attempts.ts";
import type { Executor } from "./executor.ts";
import type { NodeObjects } from "./node_objects.ts";

/** Passes on what the code of tasks wants of the cluster: frames of the clients inside attempts, objects, and whether
 * an attempt waits for others. */
export class NestedRelay {
  readonly #parts: NestedRelayParts;
  #toHead: WorkerMessage[] = [];

  constructor(parts: NestedRelayParts) {
    this.#parts = parts;
  }

  /** Takes what the code of a running attempt wants. */
  take(executor: Executor, request: ExecutorRequest): void {
    switch (request.type) {
      case "FetchObject":
      case "StoreObject":
        this.#serveObject(executor, request);
        return;
      case "Blocked":
      case "Resumed":
      case "NestedFrame":
        return this.#pass(request);
      default:
        assertNever(request);
    }
  }

  /** What the head has to be told, in its order; after this it counts as said. */
  takeMessages(): WorkerMessage[] {
    const messages = this.#toHead;
    this.#toHead = [];
    return messages;
  }

  #pass(request: Extract<ExecutorRequest, { readonly attemptId: number }>): void {
    const { attempts } = this.#parts;
    const { attemptId } = request;
    const taskId = attempts.taskIdOf(attemptId);
    if (taskId === undefined) return;
    switch (request.type) {
      case "NestedFrame":
        this.#toHead.push({ ...request, taskId });
        break;
      case "Blocked":
        attempts.block(attemptId);
        this.#toHead.push({ type: "AttemptsBlocked", attempts: [{ taskId, attemptId }] });
        break;
      case "Resumed":
        attempts.resume(attemptId);
        this.#toHead.push({ type: "AttemptsResumed", attempts: [{ taskId, attemptId }] });
        break;
      default:
        assertNever(request);
    }
    this.#parts.onPassed();
  }

  async #serveObject(
    executor: Executor,
    { type, requestId, objectId }: Extract<ExecutorRequest, { readonly requestId: number }>,
  ): Promise<void> {
    const { objects } = this.#parts;
    try {
      if (type === "StoreObject") objects.announce(objectId);
      else await objects.prepare([{ objectId, sizeBytes: 0, isHere: false, sources: [] }]);
      executor.tell({ type: "ObjectReady", requestId });
    } catch (error) {
      executor.tell({ type: "ObjectFailed", requestId, message: errorMessage(error) });
    }
  }
}

interface NestedRelayParts {
  readonly attempts: HeldAttempts;
  readonly objects: NodeObjects;
  /** Something has to be said to the head, and attempts may fit that did not. */
  readonly onPassed: () => void;
}
