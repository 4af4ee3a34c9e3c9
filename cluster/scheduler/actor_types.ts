import type { ObjectFetch } from "./object_types.ts";
import type { AttemptId, ResultRef, TaskSpec } from "./types.ts";

/** Makes a task the creation of an actor: its attempt constructs the instance and then stays, holding its resources, as
 * long as the instance lives. `spec.retry` says how often and when the actor is started again after its process or its
 * node was lost; `spec.runTimeoutMs` limits the constructor. */
export interface ActorCreation {
  /** Tells it from a call. */
  readonly type: "creation";
  /** Under which others find it, unique among the living; absent for an actor without a name. */
  readonly name?: string;
  /** Calls that the instance works on at once. With 1, each client's calls run strictly in its order. */
  readonly maxConcurrency: number;
  /** Whether it outlives the client that created it. */
  readonly isDetached: boolean;
}

/** Makes a task a call of an actor: it takes no resources and runs where the actor lives. `spec.retry.maxAttempts` − 1
 * is how often it may be tried again when the actor's process was lost under it. */
export interface ActorCall {
  /** Tells it from a creation. */
  readonly type: "call";
  /** The actor: the id of the task that created it. */
  readonly actorId: string;
  /** Grows with each call of its client: the order in which the client's calls run. */
  readonly sequence: number;
}

/** What makes a task more than a function that runs once. */
export type ActorRole = ActorCreation | ActorCall;

/** What is stored of an actor besides its creation, so that a head that starts again knows what its workers speak of. */
export interface ActorLife {
  /** The newest attempt of its creation. Numbers of attempts grow, so calls of this incarnation have larger ones, and
   * those of earlier incarnations have smaller ones. */
  readonly incarnation: AttemptId;
  /** From where the next incarnation goes on; undefined while there is none. */
  readonly checkpoint: Checkpoint | undefined;
}

/** An actor's state at one moment of its life, as its `checkpoint` method told it. */
export interface Checkpoint {
  /** The attempt of the creation whose instance this was. */
  readonly incarnation: AttemptId;
  /** Grows with each checkpoint of one incarnation. */
  readonly sequence: number;
  /** The encoded value. */
  readonly value: ResultRef;
}

/** What happened about actors. */
export type ActorEvent =
  /** The instance of an actor was constructed: it takes calls. */
  | {
    readonly type: "ActorReady";
    readonly workerId: string;
    readonly taskId: string;
    readonly attemptId: AttemptId;
  }
  /** A client asks which living actor has a name. */
  | {
    readonly type: "ActorSought";
    readonly clientId: string;
    readonly requestId: number;
    readonly name: string;
  };

/** What the shell has to do about actors. */
export type ActorCommand =
  /** Store what is new of an actor, in the place of what was stored before. */
  | { readonly type: "SaveActor"; readonly actorId: string; readonly life: ActorLife }
  /** Construct an actor, and give it its state back if there is a checkpoint. The worker answers with `ActorReady`, and
   * with `AttemptEnded` once the instance is gone. */
  | {
    readonly type: "StartActor";
    readonly workerId: string;
    readonly attemptId: AttemptId;
    readonly spec: TaskSpec;
    /** 1 for the first. */
    readonly attemptNumber: number;
    readonly inputs: readonly ResultRef[];
    readonly objects: readonly ObjectFetch[];
    readonly maxConcurrency: number;
    readonly checkpoint: ResultRef | undefined;
  }
  /** Have an actor of this worker run a call, after those that it was given before. */
  | {
    readonly type: "StartCall";
    readonly workerId: string;
    readonly attemptId: AttemptId;
    readonly actorId: string;
    readonly spec: TaskSpec;
    readonly inputs: readonly ResultRef[];
    readonly objects: readonly ObjectFetch[];
  }
  /** The answer to `ActorSought`; undefined when no living actor has the name. */
  | {
    readonly type: "TellActor";
    readonly clientId: string;
    readonly requestId: number;
    readonly actorId: string | undefined;
  };

/** A living actor as people see it. */
export interface ActorView {
  /** The id of its creation. */
  readonly actorId: string;
  /** What was constructed: the name of the class or of the function. */
  readonly className: string;
  /** Under which `namedActor` finds it; undefined for one without a name. */
  readonly name: string | undefined;
  /** `alive`: it takes calls · `starting`: it is being constructed · `waiting`: for a worker that has room for it. */
  readonly state: "alive" | "starting" | "waiting";
  /** Where it lives or is being constructed. */
  readonly workerId: string | undefined;
  /** Its unfinished calls. */
  readonly calls: number;
}
