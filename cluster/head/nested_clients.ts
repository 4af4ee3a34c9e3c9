import { errorMessage } from "../../src/base/errors.ts";
import { decodeClientFrame } from "../protocol/codec.ts";
import type { AttemptName } from "../protocol/messages.ts";
import type { AttemptId } from "../scheduler/types.ts";
import type { ClientConnection, ClientDoor } from "./client_door.ts";
import { NestedPeer } from "./nested_peer.ts";
import { checkVersion } from "./peer.ts";
import type { WorkerPeer } from "./peer.ts";

/** The clients inside the attempts of one worker's connection. They live no longer than that: over a new connection
 * they say hello again, and what they submitted lives as long as their attempts. */
export class NestedClients {
  readonly #door: ClientDoor;
  readonly #worker: WorkerPeer;
  readonly #open = new Map<AttemptId, ClientConnection>();

  constructor(door: ClientDoor, worker: WorkerPeer) {
    this.#door = door;
    this.#worker = worker;
  }

  /** Takes a frame of a client inside an attempt. One that is no client's closes that client alone. */
  hear(attempt: AttemptName, frame: Uint8Array): void {
    const { attemptId } = attempt;
    try {
      for (const message of decodeClientFrame(frame)) {
        if (message.type === "ClientHello") {
          checkVersion(message.protocol);
          const peer = new NestedPeer(this.#worker, attemptId);
          this.#open.set(attemptId, this.#door.joinNested(attempt, peer));
        } else {
          this.#open.get(attemptId)?.hear(message);
        }
      }
    } catch (error) {
      this.forget(attemptId);
      this.#worker.send([{ type: "NestedRefused", attemptId, reason: errorMessage(error) }]);
    }
  }

  /** The attempt has ended. */
  forget(attemptId: AttemptId): void {
    this.#open.get(attemptId)?.leave();
    this.#open.delete(attemptId);
  }

  /** The worker's connection has ended. */
  forgetAll(): void {
    for (const attemptId of [...this.#open.keys()]) this.forget(attemptId);
  }
}
