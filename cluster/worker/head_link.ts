import { decodeHeadToWorkerFrame } from "../protocol/codec.ts";
import type { Token } from "../protocol/access.ts";
import { Connection } from "../protocol/connection.ts";
import type { HeadToWorkerMessage, WorkerHello, WorkerMessage } from "../protocol/messages.ts";

/** What carries a daemon's messages to its head. What is sent while it is broken is dropped: the hello of the next
 * connection says all that matters. */
export interface HeadLink {
  send(messages: readonly WorkerMessage[]): void;
  close(): Promise<void>;
}

/** What a link calls: `hello` for each new connection, `onLost` once there will be none any more. */
export interface HeadLinkHandlers {
  readonly hello: () => WorkerHello;
  readonly onMessage: (message: HeadToWorkerMessage) => void;
  readonly onLost: (error: Error) => void;
}

/** Opens a daemon's way to its head. */
export type OpenHeadLink = (handlers: HeadLinkHandlers) => HeadLink;

/** The way to a head over the network.
 * @param head.leaseMs how long it may be away before the worker ends itself */
export function remoteHead(
  head: { readonly headUrl: string; readonly token: Token; readonly leaseMs: number },
): OpenHeadLink {
  const { headUrl, token, leaseMs } = head;
  return (handlers) =>
    new Connection<HeadToWorkerMessage>({
      headUrl,
      endpoint: "worker",
      token,
      decode: decodeHeadToWorkerFrame,
      patienceMs: leaseMs,
      ...handlers,
    });
}
