/** Names an object of the store, and its size in bytes. */
export interface ObjectSize {
  /** The SHA-256 of its bytes, in hexadecimal digits. */
  readonly objectId: string;
  /** Of its bytes. */
  readonly sizeBytes: number;
}

/** An object that an attempt reads, and how its worker comes by it. */
export interface ObjectFetch extends ObjectSize {
  /** Whether the worker has it already. */
  readonly isHere: boolean;
  /** Nodes that have it, by the address under which they are asked; whoever reaches none of them asks the head. */
  readonly sources: readonly string[];
}

/** What happened to objects. `holder` is the worker whose store it is about; undefined for the head's. */
export type ObjectEvent =
  /** Comes before the `WorkerJoined` of a worker with a store of its own, with all that is in it. */
  | {
    readonly type: "StoreOpened";
    readonly holder: string;
    readonly url: string | undefined;
    readonly isSpot: boolean;
    readonly objects: readonly ObjectSize[];
  }
  /** Copies arrived in a store. */
  | {
    readonly type: "ObjectsStored";
    readonly holder: string | undefined;
    readonly objects: readonly ObjectSize[];
  }
  /** A store has these no more: they are broken, or gone. */
  | {
    readonly type: "ObjectsDropped";
    readonly holder: string | undefined;
    readonly objectIds: readonly string[];
  }
  /** A client put these, or still refers to them after its connection was made again. */
  | {
    readonly type: "ObjectsHeld";
    readonly clientId: string;
    readonly objects: readonly ObjectSize[];
    /** Set when the client is the code of an attempt: it lets go of all when that is not live any more. */
    readonly attempt?: { readonly taskId: string; readonly attemptId: number };
  }
  | {
    readonly type: "ObjectsLetGo";
    readonly clientId: string;
    readonly objectIds: readonly string[];
  }
  | { readonly type: "ObjectsPinned"; readonly objects: readonly ObjectSize[] }
  | { readonly type: "ObjectsUnpinned"; readonly objectIds: readonly string[] };

/** What the shell has to do with objects. */
export type ObjectCommand =
  /** Nobody refers to the object any more: these stores may delete it; undefined is the head's. */
  | {
    readonly type: "DeleteObject";
    readonly objectId: string;
    readonly workerIds: readonly (string | undefined)[];
  }
  /** The only copies are on machines that may be taken away: the head fetches one. */
  | { readonly type: "SecureObject"; readonly objectId: string; readonly workerId: string }
  /** Remember over restarts that the object is pinned, or is not any more. */
  | { readonly type: "SavePin"; readonly object: ObjectSize }
  | { readonly type: "ForgetPin"; readonly objectId: string };
