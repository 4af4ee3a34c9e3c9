import { encodeFrame } from "../protocol/codec.ts";
import type { HeadToClientMessage } from "../protocol/messages.ts";
import type { AttemptId } from "../scheduler/types.ts";
import type { ClientPeer } from "./client_door.ts";
import type { WorkerPeer } from "./peer.ts";

/** A client inside an attempt: what it is told travels through its worker. */
export class NestedPeer implements ClientPeer {
  readonly #worker: WorkerPeer;
  readonly #attemptId: AttemptId;

  constructor(worker: WorkerPeer, attemptId: AttemptId) {
    this.#worker = worker;
    this.#attemptId = attemptId;
  }

  send(messages: readonly HeadToClientMessage[]): void {
    const frame = encodeFrame(messages);
    this.#worker.send([{ type: "NestedFrame", attemptId: this.#attemptId, frame }]);
  }

  close(_code: number, reason: string): void {
    this.#worker.send([{ type: "NestedRefused", attemptId: this.#attemptId, reason }]);
  }
}
