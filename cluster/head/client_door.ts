import { assertNever } from "../../src/base/errors.ts";
import { CLOSE_CODES } from "../protocol/close_codes.ts";
import { decodeClientFrame } from "../protocol/codec.ts";
import { INITIAL_CREDITS } from "../protocol/limits.ts";
import { PROTOCOL_VERSION } from "../protocol/messages.ts";
import type {
  AttemptName,
  ClientMessage,
  HeadToClientMessage,
  WireTask,
} from "../protocol/messages.ts";
import { ProtocolError } from "../protocol/shapes.ts";
import type { ClusterStatus } from "../protocol/status.ts";
import { attemptClientId } from "../scheduler/mod.ts";
import type { SchedulerEvent, TaskSpec } from "../scheduler/types.ts";
import type { Mail } from "./addressing.ts";
import { checkVersion, HEARTBEAT_MS, servePeer } from "./peer.ts";
import type { Peer } from "./peer.ts";
import { passGrant, passItems } from "./item_routes.ts";
import type { ItemRoutes } from "./item_routes.ts";
import { checkNestedPermissions } from "./nested_permissions.ts";
import { RecurringParts } from "./recurring.ts";
import type { SubmissionCredits } from "./submission_credits.ts";

/** What the head sends to one client. */
export type ClientPeer = Pick<Peer<HeadToClientMessage>, "send" | "close">;

/** What one client sends to the head, after its hello. */
export interface ClientConnection {
  /** Takes a message.
   * @throws {ProtocolError} for one that has no place here */
  readonly hear: (message: ClientMessage) => void;
  /** The connection is over; the client may come back within the grace. */
  readonly leave: () => void;
}

/** The endpoint of clients: turns what they say into events, delivers their mail, and notices when one is gone. */
export class ClientDoor {
  readonly #parts: ClientDoorParts;
  readonly #clients = new Map<string, ClientPeer>();
  readonly #items: ItemRoutes;
  readonly #departures = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #recurring = new RecurringParts();

  constructor(parts: ClientDoorParts) {
    this.#parts = parts;
    this.#items = {
      liveAttempt: parts.liveAttempt,
      send: (clientId, message) => this.#clients.get(clientId)?.send([message]),
      post: parts.post,
    };
  }

  /** Takes a fresh connection. */
  serve(socket: WebSocket): void {
    let clientId = "";
    let leave: (() => void) | undefined;
    servePeer<ClientMessage, HeadToClientMessage>(socket, {
      decode: decodeClientFrame,
      join: (hello, peer) => {
        if (hello.type !== "ClientHello") {
          throw new ProtocolError(`Cannot start with ${hello.type}`);
        }
        checkVersion(hello.protocol);
        clientId = hello.clientId;
        const connection = this.join(clientId, peer);
        leave = connection.leave;
        return connection.hear;
      },
      onFrame: () => {},
      onClose: () => leave?.(),
      onRefused: (reason) => this.#parts.onRefused(`client ${clientId || "(unknown)"}`, reason),
    });
  }

  /** Takes a client that speaks through `peer`, over a socket or from this very process. */
  join(clientId: string, peer: ClientPeer): ClientConnection {
    clearTimeout(this.#departures.get(clientId));
    this.#departures.delete(clientId);
    this.#clients.get(clientId)?.close(
      CLOSE_CODES.replaced,
      "another client connected under this one's name",
    );
    this.#clients.set(clientId, peer);
    peer.send([{ type: "Welcome", protocol: PROTOCOL_VERSION, heartbeatMs: HEARTBEAT_MS }]);
    const { credits } = this.#parts;
    const account = credits.open((tasks) => peer.send([{ type: "SubmissionsAllowed", tasks }]));
    return {
      hear: (message) => {
        if (message.type === "SubmitTasks") credits.charge(account, message.tasks.length);
        this.#hear(clientId, peer, message);
      },
      leave: () => {
        credits.close(account);
        // A newer connection of the same client has taken over: this one's end means nothing.
        if (this.#clients.get(clientId) !== peer) return;
        this.#clients.delete(clientId);
        this.awaitReturn(clientId);
      },
    };
  }

  /** Takes the client inside an attempt. It needs no grace: what it submitted ends with the attempt. */
  joinNested(attempt: AttemptName, peer: ClientPeer): ClientConnection {
    const clientId = attemptClientId(attempt.attemptId);
    const leave = () => {
      if (this.#clients.get(clientId) === peer) this.#clients.delete(clientId);
    };
    this.#clients.set(clientId, peer);
    // No bound: its attempt holds a worker and waits for these tasks, of whom none would end if they had to wait for room.
    const tasks = Number.MAX_SAFE_INTEGER - INITIAL_CREDITS;
    peer.send([
      { type: "Welcome", protocol: PROTOCOL_VERSION, heartbeatMs: HEARTBEAT_MS },
      { type: "SubmissionsAllowed", tasks },
    ]);
    return {
      hear: (message) => {
        if (message.type === "Goodbye") leave();
        else this.#hear(clientId, peer, message, attempt);
      },
      leave,
    };
  }

  /** Sends clients their mail; one that is not connected submits again what it still waits for. */
  deliver(mail: Mail): void {
    for (const [clientId, messages] of mail.toClients) this.#clients.get(clientId)?.send(messages);
    this.#parts.credits.grant();
  }

  /** Gives a client that is away time to connect again before its tasks are cancelled. */
  awaitReturn(clientId: string): void {
    this.#departures.set(clientId, setTimeout(() => this.#leave(clientId), this.#parts.graceMs));
  }

  /** Tells all that the head stops. */
  close(): void {
    for (const timer of this.#departures.values()) clearTimeout(timer);
    for (const peer of this.#clients.values()) peer.close(CLOSE_CODES.leaving, "the head stops");
  }

  #hear(
    clientId: string,
    peer: ClientPeer,
    message: ClientMessage,
    parent?: AttemptName,
  ): void {
    const { post } = this.#parts;
    switch (message.type) {
      case "ClientHello":
        throw new ProtocolError("Cannot take a second hello on one connection");
      case "SubmitTasks":
        if (parent !== undefined) this.#checkChildren(parent, message.tasks);
        post({
          type: "TasksSubmitted",
          specs: message.tasks.map((task) => this.#recurring.share(toSpec(task, clientId, parent))),
        });
        break;
      case "CancelTasks":
        post({ type: "CancelRequested", taskIds: message.taskIds });
        break;
      case "ReleaseTasks":
        post({ type: "TasksReleased", taskIds: message.taskIds });
        break;
      case "SendItems":
        if (parent === undefined) throw new ProtocolError("Cannot take items from outside a task");
        passItems(this.#items, parent, message);
        break;
      case "GrantItems":
        passGrant(this.#items, clientId, message);
        break;
      case "FindActor": {
        const { requestId, name } = message;
        post({ type: "ActorSought", clientId, requestId, name });
        break;
      }
      case "HoldObjects":
        post({
          type: "ObjectsHeld",
          clientId,
          objects: message.objects,
          ...(parent && { attempt: parent }),
        });
        break;
      case "ReleaseObjects":
        post({ type: "ObjectsLetGo", clientId, objectIds: message.objectIds });
        break;
      case "PinObjects":
        post({ type: "ObjectsPinned", objects: message.objects });
        break;
      case "UnpinObjects":
        post({ type: "ObjectsUnpinned", objectIds: message.objectIds });
        break;
      case "GetStatus":
        this.#parts.status().then((status) =>
          peer.send([{ type: "Status", requestId: message.requestId, status }])
        );
        break;
      case "Goodbye":
        this.#clients.delete(clientId);
        this.#leave(clientId);
        break;
      default:
        assertNever(message);
    }
  }

  #checkChildren(parent: AttemptName, tasks: readonly WireTask[]): void {
    const payload = this.#parts.payloadOf(parent.taskId);
    for (const task of tasks) {
      // A call runs in the process of its actor, whoever makes it.
      if (task.actor?.type !== "call") checkNestedPermissions(payload, task.payload);
    }
  }

  #leave(clientId: string): void {
    this.#departures.delete(clientId);
    this.#parts.post({ type: "ClientLeft", clientId });
  }
}

/** What the door needs of its head. */
interface ClientDoorParts {
  readonly post: (event: SchedulerEvent) => void;
  readonly status: () => Promise<ClusterStatus>;
  readonly credits: SubmissionCredits;
  readonly liveAttempt: ItemRoutes["liveAttempt"];
  /** Of a task that has not ended. */
  readonly payloadOf: (taskId: string) => Uint8Array | undefined;
  /** How long a client may be away before its tasks are cancelled. */
  readonly graceMs: number;
  /** A connection was closed for what came over it. */
  readonly onRefused: (who: string, reason: string) => void;
}

/** Field by field: what else a client sent is not kept. */
function toSpec(task: WireTask, clientId: string, parent: AttemptName | undefined): TaskSpec {
  const { taskId, name, payload, dependencies, objects, resources, priority, retry } = task;
  const { runTimeoutMs, rules, actor } = task;
  return {
    taskId,
    clientId,
    name,
    payload,
    dependencies,
    objects,
    resources,
    priority,
    retry,
    runTimeoutMs,
    rules,
    actor,
    ...(parent && { parent: { ...parent, isDetached: task.isDetached === true } }),
  };
}
