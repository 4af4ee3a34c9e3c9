import { refusal } from "../protocol/refusal.ts";
import { systemClock } from "../../src/base/clock.ts";
import type { Clock } from "../../src/base/clock.ts";
import { ownPeakMemoryBytes } from "../../src/base/peak_memory.ts";
import { ObjectStore } from "../objects/object_store.ts";
import { PROTOCOL_VERSION } from "../protocol/messages.ts";
import type { WorkerHello } from "../protocol/messages.ts";
import type { ClusterStatus } from "../protocol/status.ts";
import {
  actorViews,
  countsByState,
  createScheduler,
  isInUse,
  liveAttempt,
  loadView,
  objectTotals,
  restoreObjects,
  restoreTasks,
  storedBytes,
  unfinishedCount,
  workerViews,
} from "../scheduler/mod.ts";
import type { SchedulerLimits, SchedulerState } from "../scheduler/mod.ts";
import type { SchedulerEvent } from "../scheduler/types.ts";
import { type PreviousToken, TokenDesk } from "./token_desk.ts";
import { ClientDoor } from "./client_door.ts";
import type { ClientConnection, ClientPeer } from "./client_door.ts";
import { ControlService } from "./control_service.ts";
import { DashboardDoor } from "./dashboard/dashboard_door.ts";
import type { DashboardOptions } from "./dashboard/run_source.ts";
import { Engine } from "./engine.ts";
import { LogService } from "./logs/log_service.ts";
import { LogStore } from "./logs/log_store.ts";
import type { Fsync } from "./fsync.ts";
import { ObjectDesk } from "./object_desk.ts";
import { StateStream, type StateStreamOptions } from "./state_stream.ts";
import { lockState } from "./state_lock.ts";
import { HeadStore } from "./store.ts";
import type { WorkerPeer } from "./peer.ts";
import { SubmissionCredits } from "./submission_credits.ts";
import type { NoticeSubject } from "./notice.ts";
import { Observatory } from "./telemetry/observatory.ts";
import { WorkerDoor } from "./worker_door.ts";
import type { WorkerConnection } from "./worker_door.ts";

/** What a head needs to start. */
export interface HeadOptions {
  /** Holds the store and the objects; a head that starts on the folder of an earlier one goes on where that stopped. */
  readonly stateDir: string;
  /** The cluster's bearer token. */
  readonly token: string;
  /** Lets the token be rotated: the one before, while it is valid, and what keeps both where people and workers of this
   * machine find them; it is called before the new one is valid. Default: the token stays as it is. */
  readonly tokenFiles?: {
    readonly previous: PreviousToken | undefined;
    readonly keep: (token: string, previous: PreviousToken | undefined) => void;
  };
  /** Default: 127.0.0.1. */
  readonly hostname?: string;
  /** Default: 0, a free port. */
  readonly port?: number;
  readonly clock?: Clock;
  /** A folder in memory for objects, and how many bytes of it they may take; default: all lie in the state folder. */
  readonly objectMemory?: { readonly path: string; readonly limitBytes: number };
  /** How long a client may be away before its tasks are cancelled; default: 30 s. */
  readonly clientGraceMs?: number;
  /** Tasks that have not ended at which clients are made to wait with more; default: 1,000,000. */
  readonly maxQueuedTasks?: number;
  /** Rules of the scheduler that differ from its defaults. */
  readonly limits?: Partial<SchedulerLimits>;
  /** When the journal is forced onto the disk; default: `batch`. */
  readonly fsync?: Fsync;
  /** What the dashboard shows beside what the head knows; default: nothing. */
  readonly dashboard?: DashboardOptions;
  /** Told what people should know: refused connections, lost workers, a broken state. */
  readonly onNotice?: (message: string, subject: NoticeSubject) => void;
}

const DEFAULT_CLIENT_GRACE_MS = 30_000;
/** Transitions of each task that are remembered for those who ask what became of it. */
const STORY_LENGTH = 12;
const DEFAULT_MAX_QUEUED_TASKS = 1_000_000;
/** Actors and kinds of needs that the status names; it must fit into a message. */
const MAX_LISTED = 1_000;

/** A running head: the WebSocket endpoints `/worker` and `/client`, and the object service, on one port.
 * Everything that it decides is decided by the scheduler; this class connects it to sockets, disk and time. */
export class Head implements AsyncDisposable {
  /** Where workers and clients connect, for instance `http://127.0.0.1:4567`. */
  readonly url: string;
  /** What was put, and the results that are too large for messages. */
  readonly objects: ObjectDesk;
  readonly #options: HeadOptions;
  readonly #lock: Disposable;
  readonly #state: SchedulerState;
  readonly #store: HeadStore;
  readonly #engine: Engine;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #workers: WorkerDoor;
  readonly #clients: ClientDoor;
  readonly #observatory: Observatory;
  /** Resolves when somebody has asked the head to stop, and its workers are released or their time is up. */
  readonly stopRequested: Promise<void>;
  readonly #control: ControlService;
  readonly #tokens: TokenDesk;
  readonly #log: LogStore;
  readonly #logService: LogService;
  readonly #dashboard: DashboardDoor;
  #refusedConnections = 0;
  #isClosed = false;

  constructor(options: HeadOptions) {
    this.#options = options;
    Deno.mkdirSync(options.stateDir, { recursive: true, mode: 0o700 });
    this.#lock = lockState(options.stateDir);
    this.#store = new HeadStore(`${options.stateDir}/head.db`, options.fsync);
    this.#log = new LogStore(`${options.stateDir}/logs`);
    this.#logService = new LogService(this.#log);
    this.#state = createScheduler({
      epoch: this.#store.epoch,
      seed: this.#store.epoch,
      storyLength: STORY_LENGTH,
      ...options.limits,
    });
    const clock = options.clock ?? systemClock;
    this.#tokens = new TokenDesk({
      token: options.token,
      files: options.tokenFiles,
      clock,
      tellWorkers: (token) => this.#workers.tellToken(token),
      endSessions: () => this.#dashboard.endSessions(),
      notice: (text, subject) => this.#notice(text, subject),
    });
    this.#observatory = new Observatory(this.#state, `${options.stateDir}/history.db`, {
      executors: () => this.#workers.heartbeats,
      refusedConnections: () => this.#refusedConnections,
      objects: () => Promise.resolve(this.objects.store.usage),
      journalBytes: () => this.#store.sizeBytes(),
    });
    this.#engine = new Engine({
      state: this.#state,
      store: this.#store,
      clock,
      send: (mail) => {
        this.objects.deliver(mail);
        this.#workers.deliver(mail);
        this.#clients.deliver(mail);
      },
      onFullDisk: (isFull) => this.#noticeFullDisk(isFull),
      onBroken: (error) => this.#stopBroken(error),
      observer: this.#observatory,
    });
    const post = (event: SchedulerEvent) => this.#engine.post(event);
    const onRefused = (who: string, reason: string) => this.#refuse(who, reason);
    this.objects = new ObjectDesk({
      store: this.#openObjects(),
      state: this.#state,
      post,
      askWorker: (workerId, objectId) => this.#workers.askForObject(workerId, objectId),
    });
    this.#clients = new ClientDoor({
      post,
      status: () => this.#status(),
      liveAttempt: (taskId) => liveAttempt(this.#state, taskId),
      payloadOf: (taskId) => this.#state.tasks.get(taskId)?.record.spec.payload,
      credits: new SubmissionCredits(
        options.maxQueuedTasks ?? DEFAULT_MAX_QUEUED_TASKS,
        () => unfinishedCount(this.#state),
      ),
      graceMs: options.clientGraceMs ?? DEFAULT_CLIENT_GRACE_MS,
      onRefused,
    });
    this.#workers = new WorkerDoor({
      clients: this.#clients,
      post,
      notice: (text, subject) => this.#notice(text, subject),
      log: (text) => this.#log.notice(text),
      onRefused,
      objects: this.objects,
    });
    this.#control = new ControlService({
      post,
      workers: () => workerViews(this.#state),
      notice: (text, subject) => this.#notice(text, subject),
    });
    this.stopRequested = this.#control.stopRequested;
    this.#dashboard = this.#openDashboard(post);
    // A first start has nothing that could come back.
    const found = { stored: this.objects.store.list(), pinned: this.#store.pinned() };
    if (this.#store.epoch > 1) restoreObjects(this.#state, found, clock.nowMs());
    const stored = this.#store.load();
    this.#engine.carryOut(restoreTasks(this.#state, stored, clock.nowMs()));
    // A client that does not come back after our restart must not leave its tasks here for ever.
    const fromOutside = stored.filter(({ spec }) => spec.parent === undefined);
    for (const clientId of new Set(fromOutside.map(({ spec }) => spec.clientId))) {
      this.#clients.awaitReturn(clientId);
    }
    this.#server = Deno.serve({
      hostname: options.hostname ?? "127.0.0.1",
      port: options.port ?? 0,
      onListen: () => {},
    }, (request) => this.#answer(request));
    this.url = `http://${this.#server.addr.hostname}:${this.#server.addr.port}`;
  }

  /** Takes a client of this very process: what it says and hears needs no socket. */
  joinClient(clientId: string, peer: ClientPeer): ClientConnection {
    return this.#clients.join(clientId, peer);
  }

  /** Takes a worker of this very process. */
  joinWorker(hello: WorkerHello, peer: WorkerPeer): WorkerConnection {
    return this.#workers.join(hello, peer);
  }

  /** Sends what the store must not forget to a second place, too, until the stream is disposed: before the head is. */
  stream(options: StateStreamOptions): StateStream {
    return new StateStream(this.#store.streamed(), options);
  }

  /** Ends all connections and closes the store: everything that was acknowledged is in it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#engine.stop();
    this.#workers.close();
    this.#clients.close();
    this.#logService.close();
    this.#dashboard[Symbol.dispose]();
    this.#control[Symbol.dispose]();
    this.#tokens[Symbol.dispose]();
    await this.#server.shutdown();
    this.#store[Symbol.dispose]();
    this.#observatory[Symbol.dispose]();
    this.#lock[Symbol.dispose]();
  }

  #openObjects(): ObjectStore {
    const { stateDir, objectMemory } = this.#options;
    const disk = `${stateDir}/objects`;
    return new ObjectStore({
      folders: { memory: objectMemory?.path ?? disk, disk },
      memoryLimitBytes: objectMemory?.limitBytes ?? Infinity,
      isInUse: (objectId) => isInUse(this.#state, objectId),
    });
  }

  #notice(message: string, subject: NoticeSubject): void {
    this.#options.onNotice?.(message, subject);
    this.#log.notice(message);
  }

  async #answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const { pathname } = url;
    if (pathname === "/healthz") return Response.json({ ok: true, protocol: PROTOCOL_VERSION });
    if (this.#dashboard.serves(pathname)) return await this.#dashboard.answer(request);
    const key = this.#tokens.keyOf(request);
    if (key === undefined) {
      this.#refuseStranger(request);
      return refusal(401, "The cluster's token is missing or wrong");
    }
    if (pathname === "/worker" || pathname === "/client") {
      if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
        return refusal(426, `${pathname} is a WebSocket endpoint`);
      }
      const { socket, response } = Deno.upgradeWebSocket(request);
      this.#tokens.watch(socket, key);
      if (pathname === "/worker") this.#workers.serve(socket, this.#tokens.newsFor(key));
      else this.#clients.serve(socket);
      return response;
    }
    if (pathname.startsWith("/objects/")) {
      return await this.objects.answer(request, url);
    }
    const observed = await this.#observatory.answer(request);
    if (observed !== undefined) return observed;
    if (pathname === "/drain" || pathname === "/stop") return this.#control.answer(request);
    if (pathname === "/token") return this.#tokens.answer(request, key);
    if (pathname === "/logs") {
      return await this.#logService.answer(
        request,
        () => this.#tokens.keyOf(request) !== undefined,
      );
    }
    return refusal(404, `Nothing is at ${pathname}`);
  }

  async #status(): Promise<ClusterStatus> {
    await this.#workers.probe();
    const stored = storedBytes(this.#state);
    const { waiting, queueAgeMs } = loadView(this.#state);
    const views = new Map(workerViews(this.#state).map((view) => [view.workerId, view]));
    return {
      headPid: Deno.pid,
      headPeakMemoryBytes: ownPeakMemoryBytes(),
      refusedConnections: this.#refusedConnections,
      tasks: countsByState(this.#state),
      queue: { waiting: waiting.slice(0, MAX_LISTED), ageMs: queueAgeMs },
      objects: objectTotals(this.#state),
      actors: actorViews(this.#state, MAX_LISTED),
      workers: [...this.#workers.heartbeats].map(([workerId, seen]) => {
        const view = views.get(workerId);
        return {
          workerId,
          state: view?.state ?? "dead",
          capacity: view?.capacity ?? {},
          running: view?.admittedCount ?? 0,
          queued: view?.backlogCount ?? 0,
          storedBytes: stored.get(workerId),
          pulledBytes: seen.pulledBytes,
          executors: seen.executors,
          preparing: seen.preparing,
        };
      }),
    };
  }

  #openDashboard(post: (event: SchedulerEvent) => void): DashboardDoor {
    return new DashboardDoor({
      state: this.#state,
      observatory: this.#observatory,
      heartbeats: () => this.#workers.heartbeats,
      refusedConnections: () => this.#refusedConnections,
      journalBytes: () => this.#store.sizeBytes(),
      objects: () => this.objects.store.usage,
      startedAtMs: Date.now(),
      options: this.#options.dashboard ?? {},
      token: () => this.#tokens.current,
      post,
      drain: (request) => this.#control.answer(request),
      logs: (request, mayRead) => this.#logService.answer(request, mayRead),
      onLogLines: (listener) => this.#log.onLines(listener),
      notice: (text, subject) => this.#notice(text, subject),
      onStranger: (request) => this.#refuseStranger(request),
    });
  }

  #refuseStranger({ method, url }: Request): void {
    this.#refusedConnections++;
    this.#notice(
      `Refused ${method} ${new URL(url).pathname}: the token is missing or wrong`,
      { level: "warning", event: "request_refused" },
    );
  }

  #refuse(who: string, reason: string): void {
    this.#refusedConnections++;
    this.#notice(`Closed the connection of ${who}: ${reason}`, {
      level: "warning",
      event: "connection_closed",
    });
  }

  #noticeFullDisk(isFull: boolean): void {
    const { stateDir } = this.#options;
    const message = isFull
      ? `The disk of ${stateDir} is full: nothing goes on until there is room`
      : `There is room on the disk of ${stateDir} again: all goes on`;
    this.#notice(message, { level: isFull ? "error" : "info", event: "disk_full" });
  }

  #stopBroken(error: unknown): void {
    const text = error instanceof Error ? error.stack ?? error.message : String(error);
    this.#notice(`The head stops, since its state is broken: ${text}`, {
      level: "error",
      event: "head_broken",
    });
    this[Symbol.asyncDispose]();
  }
}
