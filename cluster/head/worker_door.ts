import { setImmediate } from "node:timers";
import { assertNever } from "../../src/base/errors.ts";
import { CLOSE_CODES } from "../protocol/close_codes.ts";
import { decodeWorkerFrame } from "../protocol/codec.ts";
import { PROTOCOL_VERSION } from "../protocol/messages.ts";
import type { HeadToWorkerMessage, WorkerHello, WorkerMessage } from "../protocol/messages.ts";
import { ProtocolError } from "../protocol/shapes.ts";
import type { ExecutorStatus } from "../protocol/status.ts";
import type { AttemptReport, ObjectSize, SchedulerEvent } from "../scheduler/types.ts";
import type { Mail } from "./addressing.ts";
import type { ClientDoor } from "./client_door.ts";
import { NestedClients } from "./nested_clients.ts";
import type { NoticeSubject } from "./notice.ts";
import { compactReports } from "./compact_reports.ts";
import { checkVersion, HEARTBEAT_MS, servePeer } from "./peer.ts";
import type { WorkerPeer } from "./peer.ts";

const PROBE_TIMEOUT_MS = 1_000;
/** Workers that left stay in the status up to this many in all. */
const MAX_REMEMBERED_WORKERS = 10_000;

/** What the door's owner makes of objects. */
interface ObjectNotes {
  /** A worker of the head's machine left a result in the head's store. */
  readonly noteResult: (size: ObjectSize) => void;
  /** Or an object that nobody may want. */
  readonly noteStored: (size: ObjectSize) => void;
  /** Copies in the stores of workers came or went. */
  readonly noteChange: (objectIds: readonly string[]) => void;
}

/** What one worker sends to the head, after its hello. */
export interface WorkerConnection {
  /** Takes a message.
   * @throws {ProtocolError} for one that has no place here */
  readonly hear: (message: WorkerMessage) => void;
  /** After the messages that came together: the worker lives. */
  readonly heard: () => void;
  /** The connection is over; the worker may come back within the grace. */
  readonly leave: () => void;
}

/** What the head knows of a worker beside what the scheduler does. */
interface WorkerSeen {
  peer: WorkerPeer | undefined;
  /** The clients inside its attempts, over its newest connection. */
  nested: NestedClients;
  executors: readonly ExecutorStatus[];
  /** Keys of the code that it prepares, by its last heartbeat. */
  preparing: readonly string[];
  /** Whether its objects are those of the head. */
  sharesObjects: boolean;
  /** Bytes that it fetched from other nodes and from the head. */
  pulledBytes: number;
  /** Resolves probes that wait for this worker's next heartbeat. */
  readonly onHeartbeat: Set<() => void>;
}

/** The endpoint of daemons: turns what they say into events, and delivers their mail. */
export class WorkerDoor {
  readonly #post: (event: SchedulerEvent) => void;
  readonly #notice: (message: string, subject: NoticeSubject) => void;
  readonly #log: (text: string) => void;
  readonly #onRefused: (who: string, reason: string) => void;
  readonly #clients: ClientDoor;
  readonly #objects: ObjectNotes;
  readonly #workers = new Map<string, WorkerSeen>();

  constructor(parts: {
    /** The door through which clients inside attempts come in. */
    readonly clients: ClientDoor;
    readonly post: (event: SchedulerEvent) => void;
    readonly notice: (message: string, subject: NoticeSubject) => void;
    /** Takes what only whoever follows the log wants to know. */
    readonly log: (text: string) => void;
    /** A connection was closed for what came over it. */
    readonly onRefused: (who: string, reason: string) => void;
    readonly objects: ObjectNotes;
  }) {
    this.#clients = parts.clients;
    this.#post = parts.post;
    this.#notice = parts.notice;
    this.#log = parts.log;
    this.#onRefused = parts.onRefused;
    this.#objects = parts.objects;
  }

  /** Every worker that is remembered, with what it last said of itself. */
  get heartbeats(): ReadonlyMap<
    string,
    Pick<WorkerSeen, "executors" | "preparing" | "pulledBytes">
  > {
    return this.#workers;
  }

  /** Takes a fresh connection.
   * @param newToken for a worker that came with the token before */
  serve(socket: WebSocket, newToken: string | undefined): void {
    let workerId = "";
    let connection: WorkerConnection | undefined;
    servePeer<WorkerMessage, HeadToWorkerMessage>(socket, {
      decode: decodeWorkerFrame,
      join: (hello, peer) => {
        if (hello.type !== "WorkerHello") {
          throw new ProtocolError(`Cannot start with ${hello.type}`);
        }
        checkVersion(hello.protocol);
        workerId = hello.workerId;
        connection = this.join(hello, peer);
        if (newToken !== undefined) peer.send([{ type: "TokenRotated", token: newToken }]);
        return connection.hear;
      },
      onFrame: () => connection?.heard(),
      onClose: () => connection?.leave(),
      onRefused: (reason) => this.#onRefused(`worker ${workerId || "(unknown)"}`, reason),
    });
  }

  /** Takes a worker that speaks through `peer`, over a socket or from this very process. */
  join(hello: WorkerHello, peer: WorkerPeer): WorkerConnection {
    const { workerId } = hello;
    const seen = this.#welcome(hello, peer);
    return {
      hear: (message) => this.#hear(workerId, seen, message),
      heard: () => this.#post({ type: "WorkerHeard", workerId }),
      leave: () => {
        // A newer connection of the same worker has taken over: this one's end means nothing.
        if (seen.peer !== peer) return;
        seen.peer = undefined;
        seen.nested.forgetAll();
        this.#log(`Worker ${workerId} is not connected any more`);
        this.#post({ type: "WorkerDisconnected", workerId });
      },
    };
  }

  /** Sends workers their mail; one that is not connected misses it, and says at its next hello what it holds. */
  deliver(mail: Mail): void {
    for (const { workerId, reason } of mail.dropped) {
      const subject = { level: "warning", event: "worker_dropped", workerId } as const;
      this.#notice(`Worker ${workerId} was given up: ${reason}`, subject);
      this.#workers.get(workerId)?.peer?.close(CLOSE_CODES.dropped, reason);
    }
    for (const [workerId, messages] of mail.toWorkers) {
      this.#workers.get(workerId)?.peer?.send(messages);
    }
  }

  /** Asks every connected worker for fresh numbers; one that does not answer in time keeps its last ones. */
  async probe(): Promise<void> {
    const connected = [...this.#workers.values()].filter(({ peer }) => peer !== undefined);
    const answers = connected.map((seen) =>
      new Promise<void>((resolve) => seen.onHeartbeat.add(resolve))
    );
    for (const { peer } of connected) peer?.send([{ type: "ProbeStatus" }]);
    const { promise: timeout, resolve: onTimeout } = Promise.withResolvers<void>();
    const timer = setTimeout(onTimeout, PROBE_TIMEOUT_MS);
    await Promise.race([Promise.all(answers), timeout]);
    clearTimeout(timer);
    // Workers of this very process answer without a turn of the event loop: a caller that asks in a loop would let
    // nothing else happen.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  /** Tells all that are connected the token from now on. */
  tellToken(token: string): void {
    for (const { peer } of this.#workers.values()) peer?.send([{ type: "TokenRotated", token }]);
  }

  /** Tells all that the head stops. */
  close(): void {
    for (const { peer } of this.#workers.values()) {
      peer?.close(CLOSE_CODES.leaving, "the head stops");
    }
  }

  #welcome(hello: WorkerHello, peer: WorkerPeer): WorkerSeen {
    const { workerId, capacity, held, store } = hello;
    const nested = new NestedClients(this.#clients, peer);
    const seen = this.#workers.get(workerId) ?? unseen(nested);
    seen.sharesObjects = store.type === "shared";
    seen.peer?.close(CLOSE_CODES.replaced, "another worker joined under this one's name");
    seen.nested.forgetAll();
    seen.peer = peer;
    seen.nested = nested;
    this.#remember(workerId, seen);
    peer.send([{ type: "Welcome", protocol: PROTOCOL_VERSION, heartbeatMs: HEARTBEAT_MS }]);
    this.#log(`Worker ${workerId} joined, with ${held.length} attempts`);
    if (store.type === "own") {
      const { url, objects } = store;
      const isSpot = (capacity.spot ?? 0) > 0;
      this.#post({ type: "StoreOpened", holder: workerId, url, isSpot, objects });
      this.#objects.noteChange(objects.map(({ objectId }) => objectId));
    }
    this.#post({ type: "WorkerJoined", workerId, capacity, held });
    return seen;
  }

  /** Has a worker send one of its objects to the head. */
  askForObject(workerId: string, objectId: string): void {
    this.#workers.get(workerId)?.peer?.send([{ type: "UploadObjects", objectIds: [objectId] }]);
  }

  #noteResult(report: AttemptReport): void {
    if (report.type === "checkpointed") {
      if (report.checkpoint.value.type === "stored") {
        this.#objects.noteResult(report.checkpoint.value);
      }
      this.#noteResult(report.report);
    } else if (report.type === "succeeded" && report.result.type === "stored") {
      this.#objects.noteResult(report.result);
    }
  }

  #remember(workerId: string, seen: WorkerSeen): void {
    this.#workers.delete(workerId);
    this.#workers.set(workerId, seen);
    if (this.#workers.size <= MAX_REMEMBERED_WORKERS) return;
    for (const [id, { peer }] of this.#workers) {
      if (peer === undefined) {
        this.#workers.delete(id);
        return;
      }
    }
  }

  #hear(workerId: string, seen: WorkerSeen, message: WorkerMessage): void {
    switch (message.type) {
      case "WorkerHello":
        throw new ProtocolError("Cannot take a second hello on one connection");
      case "AttemptsPreparing":
        for (const attempt of message.attempts) {
          this.#post({ type: "AttemptPreparing", workerId, ...attempt });
        }
        break;
      case "AttemptsStarted":
        for (const attempt of message.attempts) {
          this.#post({ type: "AttemptStarted", workerId, ...attempt });
        }
        break;
      case "AttemptsEnded":
        for (const attempt of compactReports(message.attempts)) {
          this.#post({ type: "AttemptEnded", workerId, ...attempt });
          seen.nested.forget(attempt.attemptId);
          if (seen.sharesObjects) this.#noteResult(attempt.report);
        }
        break;
      case "ActorsReady":
        for (const actor of message.actors) this.#post({ type: "ActorReady", workerId, ...actor });
        break;
      case "ObjectsChanged": {
        const { added, dropped } = message;
        seen.pulledBytes += message.pulledBytes;
        if (dropped.length > 0) {
          this.#post({ type: "ObjectsDropped", holder: workerId, objectIds: dropped });
        }
        if (seen.sharesObjects) { for (const size of added) this.#objects.noteStored(size); }
        else if (added.length > 0) {
          this.#post({ type: "ObjectsStored", holder: workerId, objects: added });
        }
        this.#objects.noteChange([...dropped, ...added.map(({ objectId }) => objectId)]);
        break;
      }
      case "MemoryPressure": {
        const { isUnderPressure } = message;
        this.#post({ type: "MemoryPressureChanged", workerId, isUnderPressure });
        break;
      }
      case "Heartbeat":
        seen.executors = message.executors;
        seen.preparing = message.preparing;
        for (const resolve of seen.onHeartbeat) resolve();
        seen.onHeartbeat.clear();
        break;
      case "AttemptsBlocked":
        for (const { taskId, attemptId } of message.attempts) {
          this.#post({ type: "AttemptBlocked", workerId, taskId, attemptId });
        }
        break;
      case "AttemptsResumed":
        for (const { taskId, attemptId } of message.attempts) {
          this.#post({ type: "AttemptResumed", workerId, taskId, attemptId });
        }
        break;
      case "NestedFrame": {
        const { taskId, attemptId } = message;
        seen.nested.hear({ taskId, attemptId }, message.frame);
        break;
      }
      default:
        assertNever(message);
    }
  }
}

function unseen(nested: NestedClients): WorkerSeen {
  return {
    peer: undefined,
    nested,
    executors: [],
    preparing: [],
    sharesObjects: false,
    pulledBytes: 0,
    onHeartbeat: new Set(),
  };
}
