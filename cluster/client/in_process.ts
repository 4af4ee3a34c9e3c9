import type { ClientConnection } from "../head/client_door.ts";
import type { Head } from "../head/head.ts";
import type { ClientMessage } from "../protocol/messages.ts";
import type { ClientWiring } from "./wiring.ts";
import { HeadObjects } from "./object_access.ts";

/** What a client needs to speak to a head of its own process: the messages of the protocol, handed over as they are.
 * They are not encoded, so neither side may change one that it gave or got. */
export function inProcessWiring(head: Head): ClientWiring {
  return {
    objects: (clientId) => new HeadObjects(head.objects, clientId),
    open: ({ hello, onOpen, onMessage, onLost }) => {
      const greeting = hello();
      if (greeting.type !== "ClientHello") throw new Error(`Cannot start with ${greeting.type}`);
      let connection: ClientConnection | undefined;
      // Never within the call that sends: the other side would be entered in the middle of what it does.
      queueMicrotask(() => {
        connection = head.joinClient(greeting.clientId, {
          send: (messages) => queueMicrotask(() => messages.forEach(onMessage)),
          close: (_code, reason) => {
            connection = undefined;
            onLost(new Error(`The head let go of its client: ${reason}`));
          },
        });
        onOpen();
      });
      return {
        get isOpen() {
          return connection !== undefined;
        },
        send: (messages: readonly ClientMessage[]) => messages.forEach((m) => connection?.hear(m)),
        close: () => {
          connection?.leave();
          connection = undefined;
          return Promise.resolve();
        },
      };
    },
  };
}
