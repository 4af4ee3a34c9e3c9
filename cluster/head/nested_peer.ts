import { encodeFrame } from "../protocol/codec.ts";
import type { HeadToClientMessage, HeadToWorkerMessage } from "../protocol/messages.ts";
import type { AttemptId } from "../scheduler/types.ts";
import type { ClientPeer } from "./client_door.ts";
import type { Peer } from "./peer.ts";

/** A client inside an attempt: what it is told travels through its worker. */
export class NestedPeer implements ClientPeer {
  readonly #worker: Peer<HeadToWorkerMessage>;
  readonly #attemptId: AttemptId;

  constructor(worker: Peer<HeadToWorkerMessage>, attemptId: AttemptId) {
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
