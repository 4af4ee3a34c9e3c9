import type { IndexedHeap } from "./indexed_heap.ts";
import type { Attempt, Task } from "./state.ts";

/** A living actor: one whose creation has not ended. It is alive while its instance takes calls, else it waits for a
 * place, for its constructor, or to be started again; calls that come meanwhile wait in their lanes. */
export interface Actor {
  /** Its creation. */
  readonly task: Task;
  /** Calls that the instance works on at once; with 1, each client's calls run strictly in its order. */
  readonly maxConcurrency: number;
  /** The instance of the creation's live attempt takes calls. */
  isReady: boolean;
  /** Its unfinished calls, by client. */
  readonly lanes: Map<string, Lane>;
  /** Lanes whose first call may go now; who was served goes to the end. */
  readonly openLanes: Set<Lane>;
  /** Attempts of calls that a worker has, stale ones included. */
  readonly inFlight: Set<Attempt>;
  /** Sum of their payloads. */
  inFlightBytes: number;
}

/** The unfinished calls of one client to one actor. */
export interface Lane {
  /** Who is called. */
  readonly actor: Actor;
  /** Who calls. */
  readonly clientId: string;
  /** Calls that are ready, in the client's order. */
  readonly ready: IndexedHeap<Task>;
  /** Calls that wait for dependencies, in the client's order. */
  readonly waiting: Set<Task>;
  /** All unfinished calls, those at a worker included. */
  callCount: number;
}
