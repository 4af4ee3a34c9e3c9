import type { ClientConnection } from "../head/client_door.ts";
import type { Head } from "../head/head.ts";
import type { WorkerConnection } from "../head/worker_door.ts";
import type { OpenHeadLink } from "../worker/head_link.ts";
import type { ClientWiring } from "./wiring.ts";
import { HeadObjects } from "./object_access.ts";

// Within one process messages are handed over as they are, without encoding: neither side may change one that it gave
// or got. What the head says comes in a microtask, never within the call that made it say so: the receiver would be
// entered in the middle of what it does.

/** What a client needs to speak to a head of its own process. */
export function inProcessWiring(head: Head): ClientWiring {
  return {
    objects: (clientId) => new HeadObjects(head.objects, clientId),
    open: ({ hello, onOpen, onMessage, onLost }) => {
      const greeting = hello();
      if (greeting.type !== "ClientHello") throw new Error(`Cannot start with ${greeting.type}`);
      let connection: ClientConnection | undefined;
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
        send: (messages) => messages.forEach((message) => connection?.hear(message)),
        close: () => {
          connection?.leave();
          connection = undefined;
          return Promise.resolve();
        },
      };
    },
  };
}

/** A daemon's way to a head of its own process. */
export function inProcessHead(head: Head): OpenHeadLink {
  return ({ hello, onMessage, onLost }) => {
    let connection: WorkerConnection | undefined;
    queueMicrotask(() => {
      connection = head.joinWorker(hello(), {
        send: (messages) => queueMicrotask(() => messages.forEach(onMessage)),
        close: (_code, reason) => {
          connection = undefined;
          onLost(new Error(`The head let go of its worker: ${reason}`));
        },
      });
    });
    return {
      send: (messages) => {
        for (const message of messages) connection?.hear(message);
        connection?.heard();
      },
      close: () => {
        connection?.leave();
        connection = undefined;
        return Promise.resolve();
      },
    };
  };
}
