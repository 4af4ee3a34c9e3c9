import type { ActorLife, ResultRef, TaskRecord, TaskSpec } from "../../cluster/scheduler/types.ts";

/** Whether a simulated actor says its state after each call. */
export function savesState(creation: TaskSpec): boolean {
  return creation.payload[1] === 1;
}

/** Watches over all calls of a simulated cluster, from outside the scheduler: how often each began, in which order, and
 * what the stored states of actors have seen. */
export class CallLedger {
  readonly #begins = new Map<string, number>();
  /** When the attempt began, in the order of all begins. */
  readonly #beginOf = new Map<number, number>();
  readonly #committed = new Map<string, { readonly index: number; readonly begin: number }[]>();
  /** Calls that the newest stored state of an actor has seen. */
  readonly #seen = new Map<string, ReadonlySet<string>>();
  readonly #succeeded = new Map<string, Set<string>>();
  #clock = 0;

  /** An actor began to run a call: what may not be tried again begins once, whatever goes wrong. */
  begun(spec: TaskSpec, attemptId: number): void {
    const count = (this.#begins.get(spec.taskId) ?? 0) + 1;
    this.#begins.set(spec.taskId, count);
    this.#beginOf.set(attemptId, this.#clock++);
    if (count > 1 && spec.retry.maxAttempts === 1) {
      throw new Error(`call ${spec.taskId} began ${count} times though it may not be tried again`);
    }
  }

  /** A call succeeded for good: one client's calls of an ordered actor began in its order, and the actor's stored state
   * has seen the call. */
  committed({ spec, outcome }: TaskRecord, creation: TaskSpec | undefined): void {
    if (outcome?.type !== "succeeded" || spec.actor?.type !== "call") return;
    const { actorId } = spec.actor;
    const begin = this.#beginOf.get(attemptOf(outcome.result));
    if (begin === undefined) throw new Error(`call ${spec.taskId} succeeded without having begun`);
    if (creation === undefined) return;
    if (creation.actor?.type === "creation" && creation.actor.maxConcurrency === 1) {
      this.#checkOrder(`${actorId} of ${spec.clientId}`, indexOf(spec.taskId), begin);
    }
    if (!savesState(creation)) return;
    if (this.#seen.get(actorId)?.has(spec.taskId) !== true) {
      throw new Error(`call ${spec.taskId} succeeded, and the state of its actor has not seen it`);
    }
    const succeeded = this.#succeeded.get(actorId) ?? new Set();
    this.#succeeded.set(actorId, succeeded.add(spec.taskId));
  }

  /** A state of an actor is stored: it has seen no call twice, and all that succeeded. */
  stateSaved(actorId: string, { checkpoint }: ActorLife): void {
    if (checkpoint === undefined) return;
    const calls = callsIn(checkpoint.value);
    const seen = new Set(calls);
    if (seen.size < calls.length) throw new Error(`the state of ${actorId} has seen a call twice`);
    for (const taskId of this.#succeeded.get(actorId) ?? []) {
      if (!seen.has(taskId)) throw new Error(`a state of ${actorId} has not seen ${taskId}`);
    }
    this.#seen.set(actorId, seen);
  }

  #checkOrder(lane: string, index: number, begin: number): void {
    const committed = this.#committed.get(lane) ?? [];
    this.#committed.set(lane, committed);
    for (const other of committed) {
      if ((other.index < index) !== (other.begin < begin)) {
        throw new Error(`calls ${other.index} and ${index} of ${lane} ran in the wrong order`);
      }
    }
    committed.push({ index, begin });
  }
}

/** The state of a simulated actor: the calls that it has seen, as a result. */
export function stateOf(calls: readonly string[]): ResultRef {
  return { type: "stored", objectId: JSON.stringify(calls), sizeBytes: calls.length };
}

/** The calls that a state has seen. */
export function callsIn(state: ResultRef | undefined): string[] {
  return state?.type === "stored" ? JSON.parse(state.objectId) : [];
}

function attemptOf(result: ResultRef): number {
  return result.type === "stored" ? Number(result.objectId) : -1;
}

function indexOf(taskId: string): number {
  return Number(taskId.slice(taskId.lastIndexOf("-") + 1));
}
