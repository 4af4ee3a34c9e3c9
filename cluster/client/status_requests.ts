import type { ClientMessage, HeadToClientMessage } from "../protocol/messages.ts";
import type { ClusterStatus } from "../protocol/status.ts";

/** Questions for the status of the cluster that are not answered yet. */
export class StatusRequests {
  readonly #requests = new Map<number, PromiseWithResolvers<ClusterStatus>>();

  /** A question that is new. */
  make(
    requestId: number,
  ): { readonly message: ClientMessage; readonly answer: Promise<ClusterStatus> } {
    const request = Promise.withResolvers<ClusterStatus>();
    this.#requests.set(requestId, request);
    return { message: { type: "GetStatus", requestId }, answer: request.promise };
  }

  /** Takes the head's answer. */
  take({ requestId, status }: Extract<HeadToClientMessage, { type: "Status" }>): void {
    this.#requests.get(requestId)?.resolve(status);
    this.#requests.delete(requestId);
  }

  /** What a new connection has to ask again. */
  unanswered(): ClientMessage[] {
    return [...this.#requests.keys()].map((requestId) => ({ type: "GetStatus", requestId }));
  }

  /** Nothing is answered any more. */
  fail(error: Error): void {
    for (const { reject } of this.#requests.values()) reject(error);
    this.#requests.clear();
  }
}
