import { assertNever } from "../../src/base/errors.ts";
import { systemClock } from "../../src/base/clock.ts";
import type { Clock } from "../../src/base/clock.ts";
import { ownPeakMemoryBytes } from "../../src/base/peak_memory.ts";
import type { ClusterStatus, ExecutorStatus } from "../protocol/status.ts";
import { ObjectFiles } from "../objects/object_files.ts";
import { CLOSE_CODES } from "../protocol/close_codes.ts";
import { decodeClientFrame, decodeWorkerFrame } from "../protocol/codec.ts";
import { PROTOCOL_VERSION } from "../protocol/messages.ts";
import type {
  ClientMessage,
  HeadToClientMessage,
  HeadToWorkerMessage,
  WireTask,
  WorkerMessage,
} from "../protocol/messages.ts";
import { ProtocolError } from "../protocol/shapes.ts";
import { countsByState, createScheduler, restoreTasks, workerViews } from "../scheduler/mod.ts";
import type { SchedulerState } from "../scheduler/mod.ts";
import { isAuthorized } from "./access.ts";
import type { Mail } from "./addressing.ts";
import { Engine } from "./engine.ts";
import { serveObject } from "./object_service.ts";
import { servePeer } from "./peer.ts";
import type { Peer } from "./peer.ts";
import { HeadStore } from "./store.ts";

/** What a head needs to start. */
export interface HeadOptions {
  /** Holds the store and the objects; a head that starts on the folder of an earlier one goes on where that stopped. */
  readonly stateDir: string;
  /** The cluster's bearer token. */
  readonly token: string;
  /** Default: 127.0.0.1. */
  readonly hostname?: string;
  /** Default: 0, a free port. */
  readonly port?: number;
  readonly clock?: Clock;
  /** How long a client may be away before its tasks are cancelled; default: 30 s. */
  readonly clientGraceMs?: number;
  /** Told what people should know: refused connections, lost workers, a broken state. */
  readonly onNotice?: (message: string) => void;
}

const HEARTBEAT_MS = 1_000;
const PROBE_TIMEOUT_MS = 1_000;
/** Executors that ended stay in the status up to this many a worker. */
const MAX_REMEMBERED_WORKERS = 10_000;

interface WorkerSeen {
  peer: Peer<HeadToWorkerMessage> | undefined;
  executors: readonly ExecutorStatus[];
  /** Resolves probes that wait for this worker's next heartbeat. */
  onHeartbeat: Set<() => void>;
}

/** A running head: the WebSocket endpoints `/worker` and `/client`, and the object service, on one port.
 * Everything that it decides is decided by the scheduler; this class connects it to sockets, disk and time. */
export class Head implements AsyncDisposable {
  /** Where workers and clients connect, for instance `http://127.0.0.1:4567`. */
  readonly url: string;
  /** What was put, and the results that are too large for messages. */
  readonly objects: ObjectFiles;
  readonly #options: HeadOptions;
  readonly #state: SchedulerState;
  readonly #store: HeadStore;
  readonly #engine: Engine;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #workers = new Map<string, WorkerSeen>();
  readonly #clients = new Map<string, Peer<HeadToClientMessage>>();
  readonly #departures = new Map<string, ReturnType<typeof setTimeout>>();
  #refusedConnections = 0;
  #isClosed = false;

  constructor(options: HeadOptions) {
    this.#options = options;
    Deno.mkdirSync(options.stateDir, { recursive: true, mode: 0o700 });
    this.#store = new HeadStore(`${options.stateDir}/head.db`);
    this.objects = new ObjectFiles(`${options.stateDir}/objects`);
    this.#state = createScheduler({ epoch: this.#store.epoch, seed: this.#store.epoch });
    const clock = options.clock ?? systemClock;
    this.#engine = new Engine({
      state: this.#state,
      store: this.#store,
      clock,
      send: (mail) => this.#send(mail),
      onBroken: (error) => this.#stopBroken(error),
    });
    const stored = this.#store.load();
    this.#engine.carryOut(restoreTasks(this.#state, stored, clock.nowMs()));
    // A client that does not come back after our restart must not leave its tasks here for ever.
    for (const clientId of new Set(stored.map(({ spec }) => spec.clientId))) {
      this.#awaitReturn(clientId);
    }
    this.#server = Deno.serve({
      hostname: options.hostname ?? "127.0.0.1",
      port: options.port ?? 0,
      onListen: () => {},
    }, (request) => this.#answer(request));
    this.url = `http://${this.#server.addr.hostname}:${this.#server.addr.port}`;
  }

  /** Says that a worker is known to be gone, so that its tasks need not wait for its silence to be noticed. */
  workerDied(workerId: string, reason: string): void {
    this.#engine.post({ type: "WorkerDied", workerId, reason });
  }

  /** Ends all connections and closes the store: everything that was acknowledged is in it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#engine.stop();
    for (const timer of this.#departures.values()) clearTimeout(timer);
    for (const { peer } of this.#workers.values()) {
      peer?.close(CLOSE_CODES.leaving, "the head stops");
    }
    for (const peer of this.#clients.values()) peer.close(CLOSE_CODES.leaving, "the head stops");
    await this.#server.shutdown();
    this.#store[Symbol.dispose]();
  }

  #notice(message: string): void {
    this.#options.onNotice?.(message);
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/healthz") return Response.json({ ok: true, protocol: PROTOCOL_VERSION });
    if (!isAuthorized(request, this.#options.token)) {
      this.#refusedConnections++;
      this.#notice(`Refused ${request.method} ${pathname}: the token is missing or wrong`);
      return Response.json({ error: "The cluster's token is missing or wrong" }, { status: 401 });
    }
    if (pathname === "/worker" || pathname === "/client") {
      if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
        return Response.json({ error: `${pathname} is a WebSocket endpoint` }, { status: 426 });
      }
      const { socket, response } = Deno.upgradeWebSocket(request);
      if (pathname === "/worker") this.#serveWorker(socket);
      else this.#serveClient(socket);
      return response;
    }
    if (pathname.startsWith("/objects/")) {
      return await serveObject(request, pathname.slice("/objects/".length), this.objects);
    }
    return Response.json({ error: `Nothing is at ${pathname}` }, { status: 404 });
  }

  #serveWorker(socket: WebSocket): void {
    let workerId = "";
    let ownPeer: Peer<HeadToWorkerMessage> | undefined;
    servePeer<WorkerMessage, HeadToWorkerMessage>(socket, {
      decode: decodeWorkerFrame,
      join: (hello, peer) => {
        if (hello.type !== "WorkerHello") {
          throw new ProtocolError(`Cannot start with ${hello.type}`);
        }
        checkVersion(hello.protocol);
        workerId = hello.workerId;
        ownPeer = peer;
        const seen = this.#workers.get(workerId) ??
          { peer: undefined, executors: [], onHeartbeat: new Set() };
        seen.peer?.close(CLOSE_CODES.replaced, "the worker connected again");
        seen.peer = peer;
        this.#rememberWorker(workerId, seen);
        peer.send([{ type: "Welcome", protocol: PROTOCOL_VERSION, heartbeatMs: HEARTBEAT_MS }]);
        this.#engine.post({
          type: "WorkerJoined",
          workerId,
          capacity: hello.capacity,
          held: hello.held,
        });
        return (message) => this.#hearWorker(workerId, seen, message);
      },
      onFrame: () => this.#engine.post({ type: "WorkerHeard", workerId }),
      onClose: () => {
        const seen = this.#workers.get(workerId);
        // A newer connection of the same worker has taken over: this one's end means nothing.
        if (seen === undefined || seen.peer !== ownPeer) return;
        seen.peer = undefined;
        this.#engine.post({ type: "WorkerDisconnected", workerId });
      },
      onRefused: (reason) => this.#refuse(`worker ${workerId || "(unknown)"}`, reason),
    });
  }

  #rememberWorker(workerId: string, seen: WorkerSeen): void {
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

  #hearWorker(workerId: string, seen: WorkerSeen, message: WorkerMessage): void {
    switch (message.type) {
      case "WorkerHello":
        throw new ProtocolError("Cannot take a second hello on one connection");
      case "AttemptsStarted":
        for (const attempt of message.attempts) {
          this.#engine.post({ type: "AttemptStarted", workerId, ...attempt });
        }
        break;
      case "AttemptsEnded":
        for (const attempt of message.attempts) {
          this.#engine.post({ type: "AttemptEnded", workerId, ...attempt });
        }
        break;
      case "Heartbeat":
        seen.executors = message.executors;
        for (const resolve of seen.onHeartbeat) resolve();
        seen.onHeartbeat.clear();
        break;
      default:
        assertNever(message);
    }
  }

  #serveClient(socket: WebSocket): void {
    let clientId = "";
    let ownPeer: Peer<HeadToClientMessage> | undefined;
    servePeer<ClientMessage, HeadToClientMessage>(socket, {
      decode: decodeClientFrame,
      join: (hello, peer) => {
        if (hello.type !== "ClientHello") {
          throw new ProtocolError(`Cannot start with ${hello.type}`);
        }
        checkVersion(hello.protocol);
        clientId = hello.clientId;
        ownPeer = peer;
        clearTimeout(this.#departures.get(clientId));
        this.#departures.delete(clientId);
        this.#clients.get(clientId)?.close(CLOSE_CODES.replaced, "the client connected again");
        this.#clients.set(clientId, peer);
        peer.send([{ type: "Welcome", protocol: PROTOCOL_VERSION, heartbeatMs: HEARTBEAT_MS }]);
        return (message) => this.#hearClient(clientId, peer, message);
      },
      onFrame: () => {},
      onClose: () => {
        if (this.#clients.get(clientId) !== ownPeer) return;
        this.#clients.delete(clientId);
        this.#awaitReturn(clientId);
      },
      onRefused: (reason) => this.#refuse(`client ${clientId || "(unknown)"}`, reason),
    });
  }

  #hearClient(clientId: string, peer: Peer<HeadToClientMessage>, message: ClientMessage): void {
    switch (message.type) {
      case "ClientHello":
        throw new ProtocolError("Cannot take a second hello on one connection");
      case "SubmitTasks":
        this.#engine.post({
          type: "TasksSubmitted",
          specs: message.tasks.map((task) => toSpec(task, clientId)),
        });
        break;
      case "CancelTasks":
        this.#engine.post({ type: "CancelRequested", taskIds: message.taskIds });
        break;
      case "ReleaseTasks":
        this.#engine.post({ type: "TasksReleased", taskIds: message.taskIds });
        break;
      case "GetStatus":
        this.#status().then((status) =>
          peer.send([{ type: "Status", requestId: message.requestId, status }])
        );
        break;
      case "Goodbye":
        this.#clients.delete(clientId);
        this.#clientLeft(clientId);
        break;
      default:
        assertNever(message);
    }
  }

  /** Gives a client time to connect again before its tasks are cancelled. */
  #awaitReturn(clientId: string): void {
    const graceMs = this.#options.clientGraceMs ?? 30_000;
    this.#departures.set(clientId, setTimeout(() => this.#clientLeft(clientId), graceMs));
  }

  #clientLeft(clientId: string): void {
    this.#departures.delete(clientId);
    this.#engine.post({ type: "ClientLeft", clientId });
  }

  /** Asks every connected worker for fresh numbers; one that does not answer in time is shown with its last ones. */
  async #status(): Promise<ClusterStatus> {
    const connected = [...this.#workers.values()].filter(({ peer }) => peer !== undefined);
    const answers = connected.map((seen) =>
      new Promise<void>((resolve) => seen.onHeartbeat.add(resolve))
    );
    for (const { peer } of connected) peer?.send([{ type: "ProbeStatus" }]);
    const { promise: timeout, resolve: onTimeout } = Promise.withResolvers<void>();
    const timer = setTimeout(onTimeout, PROBE_TIMEOUT_MS);
    await Promise.race([Promise.all(answers), timeout]);
    clearTimeout(timer);
    const views = new Map(workerViews(this.#state).map((view) => [view.workerId, view]));
    return {
      headPid: Deno.pid,
      headPeakMemoryBytes: ownPeakMemoryBytes(),
      refusedConnections: this.#refusedConnections,
      tasks: countsByState(this.#state),
      workers: [...this.#workers].map(([workerId, { executors }]) => {
        const view = views.get(workerId);
        return {
          workerId,
          state: view?.state ?? "dead",
          capacity: view?.capacity ?? {},
          running: view?.admittedCount ?? 0,
          queued: view?.backlogCount ?? 0,
          executors,
        };
      }),
    };
  }

  #send(mail: Mail): void {
    for (const { workerId, reason } of mail.dropped) {
      this.#notice(`Worker ${workerId} was given up: ${reason}`);
      this.#workers.get(workerId)?.peer?.close(CLOSE_CODES.dropped, reason);
    }
    for (const [workerId, messages] of mail.toWorkers) {
      this.#workers.get(workerId)?.peer?.send(messages);
    }
    for (const [clientId, messages] of mail.toClients) this.#clients.get(clientId)?.send(messages);
  }

  #refuse(who: string, reason: string): void {
    this.#refusedConnections++;
    this.#notice(`Closed the connection of ${who}: ${reason}`);
  }

  #stopBroken(error: unknown): void {
    const text = error instanceof Error ? error.stack ?? error.message : String(error);
    this.#notice(`The head stops, since its state is broken: ${text}`);
    this[Symbol.asyncDispose]();
  }
}

function checkVersion(protocol: number): void {
  if (protocol !== PROTOCOL_VERSION) {
    throw new ProtocolError(
      `protocol ${protocol} is not this head's ${PROTOCOL_VERSION}: run the same version on both sides`,
    );
  }
}

function toSpec(task: WireTask, clientId: string) {
  const { taskId, name, payload, dependencies, resources, priority, retry, runTimeoutMs } = task;
  return {
    taskId,
    clientId,
    name,
    payload,
    dependencies,
    resources,
    priority,
    retry,
    runTimeoutMs,
  };
}
