import type { ClusterStatus, ExecutorStatus } from "./status.ts";
import type {
  AttemptId,
  AttemptReport,
  ErrorDetails,
  HeldAttempt,
  ObjectFetch,
  ObjectSize,
  Resources,
  ResultRef,
  TaskOutcome,
  TaskSpec,
} from "../scheduler/types.ts";

/** Both sides must speak the same version: a head refuses a stranger with a message that names both. */
export const PROTOCOL_VERSION = 1;

/** The first message of a client. The bearer token was checked before, with the HTTP upgrade. */
export interface ClientHello {
  readonly type: "ClientHello";
  readonly protocol: number;
  /** Stays the same over reconnects, so that outcomes reach the client that asked. */
  readonly clientId: string;
}

/** One task as it travels: the client's id is that of the connection. */
export type WireTask = Omit<TaskSpec, "clientId" | "parent"> & {
  /** Of a task that a task submits: it outlives that one. */
  readonly isDetached?: boolean;
};

/** What a client says. */
export type ClientMessage =
  | ClientHello
  | { readonly type: "SubmitTasks"; readonly tasks: readonly WireTask[] }
  | { readonly type: "CancelTasks"; readonly taskIds: readonly string[] }
  | { readonly type: "ReleaseTasks"; readonly taskIds: readonly string[] }
  /** Which living actor has the name? */
  | { readonly type: "FindActor"; readonly requestId: number; readonly name: string }
  /** These are referred to by the client: said of every put, and again after each reconnect. */
  | { readonly type: "HoldObjects"; readonly objects: readonly ObjectSize[] }
  | { readonly type: "ReleaseObjects"; readonly objectIds: readonly string[] }
  /** These live on when their clients have gone, until they are unpinned. */
  | { readonly type: "PinObjects"; readonly objects: readonly ObjectSize[] }
  | { readonly type: "UnpinObjects"; readonly objectIds: readonly string[] }
  | { readonly type: "GetStatus"; readonly requestId: number }
  /** To the task that streams its items: what has arrived, how far it may go, and whether to send again what has not. */
  | (ItemsGrant & { readonly type: "GrantItems"; readonly taskId: string })
  /** From inside an attempt: items of its task, for whoever submitted it. */
  | { readonly type: "SendItems"; readonly first: number; readonly items: readonly ResultRef[] }
  /** The client leaves for good: what it left unfinished is cancelled. */
  | { readonly type: "Goodbye" };

/** How far the items of a task have come, and may go. */
export interface ItemsGrant {
  /** The first so many have arrived. */
  readonly received: number;
  /** The first so many may be sent. */
  readonly upTo: number;
  /** Whether items after the received ones may have been lost: they are sent again. */
  readonly isResend: boolean;
}

/** What a head says to a client. */
export type HeadToClientMessage =
  /** Items of a task that this client submitted. */
  | {
    readonly type: "ItemsSent";
    readonly taskId: string;
    readonly attemptId: AttemptId;
    readonly first: number;
    readonly items: readonly ResultRef[];
  }
  /** To a client inside an attempt whose items are streamed. */
  | (ItemsGrant & { readonly type: "ItemsGranted" })
  | { readonly type: "Welcome"; readonly protocol: number; readonly heartbeatMs: number }
  | {
    readonly type: "TasksEnded";
    readonly ended: readonly { readonly taskId: string; readonly outcome: TaskOutcome }[];
  }
  /** The client may submit so many tasks more over this connection, beside the credits that it began with. */
  | { readonly type: "SubmissionsAllowed"; readonly tasks: number }
  /** Tasks that wait for a worker that is not there, one of many alike. */
  | {
    readonly type: "TasksWarned";
    readonly warnings: readonly { readonly taskId: string; readonly warning: string }[];
  }
  | ActorFound
  | { readonly type: "Status"; readonly requestId: number; readonly status: ClusterStatus };

/** The answer to FindActor; without an id when no living actor has the name. */
export interface ActorFound {
  readonly type: "ActorFound";
  readonly requestId: number;
  readonly actorId?: string;
}

/** The first message of a worker, on every connection. */
export interface WorkerHello {
  readonly type: "WorkerHello";
  readonly protocol: number;
  readonly workerId: string;
  readonly pid: number;
  readonly capacity: Resources;
  readonly held: readonly HeldAttempt[];
  readonly store: WorkerStore;
}

/** The objects of a worker: `shared` are those of the head, on whose machine it is; of its `own` it tells all, and where
 * other nodes can fetch them, if they can. */
export type WorkerStore =
  | { readonly type: "shared" }
  | {
    readonly type: "own";
    readonly url: string | undefined;
    readonly objects: readonly ObjectSize[];
  };

/** What a worker says. */
export type WorkerMessage =
  | WorkerHello
  | {
    readonly type: "AttemptsStarted";
    readonly attempts: readonly AttemptName[];
  }
  | {
    readonly type: "AttemptsEnded";
    readonly attempts: readonly {
      readonly taskId: string;
      readonly attemptId: AttemptId;
      readonly report: AttemptReport;
    }[];
  }
  /** The instances of these actors were constructed: they take calls. */
  | { readonly type: "ActorsReady"; readonly actors: readonly AttemptName[] }
  /** The node's memory is nearly used up, or is not any more; said whenever it changes, and at a new connection if so. */
  | { readonly type: "MemoryPressure"; readonly isUnderPressure: boolean }
  | {
    readonly type: "Heartbeat";
    readonly executors: readonly ExecutorStatus[];
    /** The keys of the code that is being prepared. */
    readonly preparing: readonly string[];
  }
  /** They wait for their code, which is being fetched and installed. */
  | { readonly type: "AttemptsPreparing"; readonly attempts: readonly AttemptName[] }
  /** What came into the worker's own store, what is gone from it, and how many bytes were fetched for that. */
  | {
    readonly type: "ObjectsChanged";
    readonly added: readonly ObjectSize[];
    readonly dropped: readonly string[];
    readonly pulledBytes: number;
  }
  /** Running attempts that wait for tasks of theirs, and do not need their resources meanwhile. */
  | { readonly type: "AttemptsBlocked"; readonly attempts: readonly AttemptName[] }
  /** They go on, and have taken their resources again. */
  | { readonly type: "AttemptsResumed"; readonly attempts: readonly AttemptName[] }
  /** What the client inside an attempt says: a frame of client messages. */
  | (NestedFrame & { readonly taskId: string });

/** Names one attempt. */
export interface AttemptName {
  readonly taskId: string;
  readonly attemptId: AttemptId;
}

/** A frame between the client inside an attempt and its head, as it passes the daemon. */
export interface NestedFrame {
  readonly type: "NestedFrame";
  readonly attemptId: AttemptId;
  readonly frame: Uint8Array;
}

/** The head wants nothing more to do with the client inside an attempt. */
export interface NestedRefused {
  readonly type: "NestedRefused";
  readonly attemptId: AttemptId;
  readonly reason: string;
}

/** What an attempt may know of itself. */
export interface AttemptInfo {
  readonly name: string;
  readonly runId: string;
  /** 1 for the first. */
  readonly attemptNumber: number;
  readonly priority: number;
  readonly runTimeoutMs: number;
}

/** An attempt as the head assigns it. */
export interface AttemptStart {
  readonly attemptId: AttemptId;
  readonly taskId: string;
  readonly resources: Resources;
  readonly payload: Uint8Array;
  readonly inputs: readonly ResultRef[];
  readonly objects: readonly ObjectFetch[];
  readonly info: AttemptInfo;
}

/** An actor as the head assigns it: its attempt ends with the instance. */
export interface ActorStart extends AttemptStart {
  /** Calls that the instance works on at once. */
  readonly maxConcurrency: number;
  /** The state that it gets back, if it had said one. */
  readonly checkpoint?: ResultRef;
}

/** A call as the head assigns it. */
export interface CallStart {
  readonly attemptId: AttemptId;
  readonly taskId: string;
  /** The task that created the actor. */
  readonly actorId: string;
  readonly payload: Uint8Array;
  readonly inputs: readonly ResultRef[];
  readonly objects: readonly ObjectFetch[];
  /** From the moment at which the instance begins it; a call that takes longer costs the actor its process. */
  readonly runTimeoutMs: number;
}

/** What a head says to a worker. */
export type HeadToWorkerMessage =
  | { readonly type: "Welcome"; readonly protocol: number; readonly heartbeatMs: number }
  | {
    readonly type: "StartAttempts";
    readonly attempts: readonly AttemptStart[];
  }
  /** Construct them; say `ActorsReady` of those that take calls. */
  | { readonly type: "StartActors"; readonly actors: readonly ActorStart[] }
  /** Each is run by an actor that was said to be ready, after the calls that it was given before. */
  | { readonly type: "StartCalls"; readonly calls: readonly CallStart[] }
  /** Each is answered by an AttemptsEnded, whatever its end was; but one that was `recalled` and has started runs on,
   * unless it is an actor: that says its state and ends. */
  | {
    readonly type: "CancelAttempts";
    readonly attempts: readonly {
      readonly taskId: string;
      readonly attemptId: AttemptId;
      readonly reason: "cancelled" | "timed_out" | "stale" | "recalled";
    }[];
  }
  | { readonly type: "AcknowledgeAttempts"; readonly attemptIds: readonly AttemptId[] }
  /** Nobody refers to these any more. */
  | { readonly type: "DeleteObjects"; readonly objectIds: readonly string[] }
  /** Send these to the head; answer for one that is not there with ObjectsChanged. */
  | { readonly type: "UploadObjects"; readonly objectIds: readonly string[] }
  /** Answer with a Heartbeat at once. */
  | { readonly type: "ProbeStatus" }
  /** The cluster's token from now on: keep it where the old one is kept. */
  | { readonly type: "TokenRotated"; readonly token: string }
  /** The worker holds nothing more that the head wants: it may end. */
  | { readonly type: "Release" }
  | NestedFrame
  | NestedRefused;

/** What a daemon says to one of its executors. */
export type DaemonToExecutorMessage =
  | ExecutorWork
  /** The attempt is not wanted any more; if it does not end by itself, its process is ended. */
  | { readonly type: "AbortAttempt"; readonly attemptId: AttemptId }
  | NestedFrame
  | NestedRefused
  /** The head was away: clients inside attempts say hello again. */
  | { readonly type: "HeadReturned" }
  /** The object lies on this node. */
  | { readonly type: "ObjectReady"; readonly requestId: number }
  | { readonly type: "ObjectFailed"; readonly requestId: number; readonly message: string };

/** What an executor answers, in the order in which it was told. */
export type ExecutorWork = RunAttempt | ConstructActor | RunCall | SaveActorState;

/** What stands for arguments. */
export interface ArgumentSources {
  /** The results of the task's dependencies; those that are stored are files on this node, as are the objects that the
   * arguments name. */
  readonly inputs: readonly ResultRef[];
}

/** Run an attempt, after those that were sent before. */
export interface RunAttempt extends ArgumentSources {
  readonly type: "Run";
  readonly attemptId: AttemptId;
  readonly taskId: string;
  readonly payload: Uint8Array;
  /** The URL from which the payload's module is named; undefined: it is a whole URL. */
  readonly codeUrl: string | undefined;
  readonly info: AttemptInfo;
}

/** Construct an actor: from now on the process is its own. */
export interface ConstructActor extends ArgumentSources {
  readonly type: "Construct";
  readonly attemptId: AttemptId;
  readonly taskId: string;
  readonly payload: Uint8Array;
  /** The URL from which the payload's module is named; undefined: it is a whole URL. */
  readonly codeUrl: string | undefined;
  readonly info: AttemptInfo;
  readonly maxConcurrency: number;
  /** The state that it gets back. */
  readonly state?: ResultRef;
}

/** Have the actor of this process run a call. */
export interface RunCall extends ArgumentSources {
  readonly type: "Call";
  readonly attemptId: AttemptId;
  readonly payload: Uint8Array;
}

/** Have the actor say its state, after which it is not used any more. */
export interface SaveActorState {
  readonly type: "SaveState";
  readonly attemptId: AttemptId;
}

/** How an attempt ended, as its executor says it. */
export type ExecutorAnswer =
  /** A stored result lies as a file among the node's objects; the daemon passes it on. */
  | {
    readonly type: "Succeeded";
    readonly attemptId: AttemptId;
    /** Whether a mark follows its output on both streams. */
    readonly wroteOutput: boolean;
    readonly result: ResultRef;
    readonly durationMs: number;
  }
  | {
    readonly type: "Failed";
    readonly attemptId: AttemptId;
    readonly wroteOutput: boolean;
    readonly error: {
      readonly name: string;
      readonly message: string;
      readonly stack: string;
      readonly details: ErrorDetails;
    };
    readonly durationMs: number;
  }
  /** Files of these are not on the node, or are no objects. */
  | {
    readonly type: "Starved";
    readonly attemptId: AttemptId;
    readonly wroteOutput: boolean;
    readonly objectIds: readonly string[];
    readonly message: string;
    readonly durationMs: number;
  };

/** What code of a task wants of its daemon. */
export type ExecutorRequest =
  /** The attempt waits for tasks of its own. Until it resumed, its executor takes no other attempt. */
  | { readonly type: "Blocked"; readonly attemptId: AttemptId }
  | { readonly type: "Resumed"; readonly attemptId: AttemptId }
  | NestedFrame
  /** Answered by ObjectReady or ObjectFailed: pull an object to this node, or pass on one that lies on it. */
  | {
    readonly type: "FetchObject" | "StoreObject";
    readonly requestId: number;
    readonly objectId: string;
  };

/** What an executor says to its daemon. */
export type ExecutorMessage =
  /** The first message: which of the daemon's processes it is. */
  | { readonly type: "Ready"; readonly pid: number }
  | ExecutorAnswer
  /** The state of the actor after the call whose answer follows. */
  | { readonly type: "ActorState"; readonly attemptId: AttemptId; readonly state: ResultRef }
  | ExecutorRequest
  /** Attempts that it was sent and does not begin, since the one that it runs is blocked. */
  | { readonly type: "Returned"; readonly attemptIds: readonly AttemptId[] };
