import { CLOSE_CODES } from "../protocol/close_codes.ts";
import { encodeFrame } from "../protocol/codec.ts";
import { PROTOCOL_VERSION } from "../protocol/messages.ts";
import type { HeadToClientMessage, HeadToWorkerMessage } from "../protocol/messages.ts";
import { ProtocolError } from "../protocol/shapes.ts";
import { errorMessage } from "../../src/base/errors.ts";

const MAX_REASON_BYTES = 120;
const HELLO_TIMEOUT_MS = 10_000;
/** A peer that does not read is cut off once this much waits for it. */
const MAX_BUFFERED_BYTES = 256 * 1024 * 1024;

/** How often a peer shall say that it lives. */
export const HEARTBEAT_MS = 1_000;

/** Refuses a hello of another version of the protocol.
 * @throws {ProtocolError} naming both */
export function checkVersion(protocol: number): void {
  if (protocol !== PROTOCOL_VERSION) {
    throw new ProtocolError(
      `protocol ${protocol} is not this head's ${PROTOCOL_VERSION}: run the same version on both sides`,
    );
  }
}

/** The head's side of one WebSocket. */
export class Peer<Out extends HeadToClientMessage | HeadToWorkerMessage> {
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** Sends messages as one frame; on a closed connection nothing happens. */
  send(messages: readonly Out[]): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (this.#socket.bufferedAmount > MAX_BUFFERED_BYTES) {
      this.close(CLOSE_CODES.dropped, "it reads too slowly");
      return;
    }
    this.#socket.send(encodeFrame(messages));
  }

  close(code: number, reason: string): void {
    // The protocol allows 123 bytes; a longer reason would make close() throw.
    const bytes = new TextEncoder().encode(reason).slice(0, MAX_REASON_BYTES);
    if (this.#socket.readyState <= WebSocket.OPEN) {
      this.#socket.close(code, new TextDecoder().decode(bytes).replace(/\uFFFD+$/u, ""));
    }
  }
}

/** What the head sends to one worker. */
export type WorkerPeer = Pick<Peer<HeadToWorkerMessage>, "send" | "close">;

/** Wires a fresh socket: the first message must be the hello, which `join` takes and answers with a handler for the
 * rest. Bytes that are no message close the connection with the reason, and count. */
export function servePeer<
  In extends { readonly type: string },
  Out extends HeadToClientMessage | HeadToWorkerMessage,
>(
  socket: WebSocket,
  parts: {
    readonly decode: (frame: Uint8Array) => readonly In[];
    readonly join: (hello: In, peer: Peer<Out>) => (message: In) => void;
    readonly onFrame: () => void;
    readonly onClose: () => void;
    readonly onRefused: (reason: string) => void;
  },
): void {
  const peer = new Peer<Out>(socket);
  let handle: ((message: In) => void) | undefined;
  socket.binaryType = "arraybuffer";
  const helloTimer = setTimeout(
    () => peer.close(CLOSE_CODES.malformed, "no hello came"),
    HELLO_TIMEOUT_MS,
  );
  socket.onmessage = ({ data }) => {
    try {
      if (!(data instanceof ArrayBuffer)) {
        throw new ProtocolError("Cannot read a text frame: frames are binary");
      }
      for (const message of parts.decode(new Uint8Array(data))) {
        if (handle === undefined) {
          clearTimeout(helloTimer);
          handle = parts.join(message, peer);
        } else handle(message);
      }
      parts.onFrame();
    } catch (error) {
      parts.onRefused(errorMessage(error));
      peer.close(
        error instanceof ProtocolError ? CLOSE_CODES.malformed : 1011,
        errorMessage(error),
      );
    }
  };
  socket.onclose = () => {
    clearTimeout(helloTimer);
    if (handle !== undefined) parts.onClose();
  };
  // An error is always followed by the close event, which does what there is to do.
  socket.onerror = () => {};
}
