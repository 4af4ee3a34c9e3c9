import type { AttemptId, AttemptReport, HeldAttempt, Resources } from "../scheduler/types.ts";
import type { ActorStart, AttemptStart } from "../protocol/messages.ts";

/** An attempt as the head assigned it, of a task or of the creation of an actor. */
export type AssignedAttempt = AttemptStart | ActorStart;

/** Whether an attempt is the creation of an actor. */
export function isActor(attempt: AssignedAttempt): attempt is ActorStart {
  return "maxConcurrency" in attempt;
}

/** PURE: what a worker holds. Attempts wait in the order of their assignment, run while the capacity lasts, and once
 * ended are kept with their report until the head has acknowledged it. */
export class HeldAttempts {
  readonly #capacity: Resources;
  /** In the order of their assignment, which is that of their numbers. */
  #queued = new Map<AttemptId, AssignedAttempt>();
  /** Those that an executor has already, behind what it runs: queued still, but not for another. */
  readonly #handedOver = new Map<AttemptId, AssignedAttempt>();
  readonly #running = new Map<AttemptId, AssignedAttempt>();
  readonly #finished = new Map<
    AttemptId,
    { readonly taskId: string; readonly report: AttemptReport }
  >();
  readonly #used = new Map<string, number>();
  /** Those of the running that wait for tasks of theirs: they have given their resources back. */
  readonly #blocked = new Set<AttemptId>();
  /** Creations of actors that take calls. */
  readonly #alive = new Set<AttemptId>();
  /** Calls that actors have, in order, with their tasks: they take no resources of their own. */
  readonly #calls = new Map<AttemptId, string>();

  constructor(capacity: Resources) {
    this.#capacity = capacity;
  }

  get runningCount(): number {
    return this.#running.size;
  }

  /** Takes an assignment; one that is already held is ignored, since the head may repeat itself. */
  accept(attempt: AssignedAttempt): void {
    const { attemptId } = attempt;
    if (
      this.#isQueued(attemptId) || this.#running.has(attemptId) || this.#finished.has(attemptId)
    ) return;
    this.#queued.set(attemptId, attempt);
  }

  /** Moves the next attempt from the queue to running, when the capacity left allows it; strictly in order, so that a
   * large attempt is not overtaken for ever. An attempt larger than the whole node runs alone. */
  startNext(): AssignedAttempt | undefined {
    const next = this.#nextQueued();
    if (next === undefined || !this.#fits(next.resources)) return undefined;
    this.#run(next);
    return next;
  }

  /** Names the next queued attempt as one that an executor gets ahead of its turn, when it takes the same resources as
   * what that executor runs, and `isReady` says that it needs nothing fetched. It stays queued until it is promoted. */
  handOver(
    resources: Resources,
    isReady: (attempt: AssignedAttempt) => boolean,
  ): AssignedAttempt | undefined {
    const next = this.#nextQueued();
    if (next === undefined || !isSame(next.resources, resources) || !isReady(next)) {
      return undefined;
    }
    this.#queued.delete(next.attemptId);
    this.#handedOver.set(next.attemptId, next);
    return next;
  }

  /** Moves an attempt that was handed over to running: its executor has come to it. Undefined when it is not wanted
   * any more. */
  promote(attemptId: AttemptId): AssignedAttempt | undefined {
    const attempt = this.#queuedOf(attemptId);
    if (attempt !== undefined) this.#run(attempt);
    return attempt;
  }

  /** The executor ended before it came to the attempt: it waits for its turn again. */
  takeBack(attemptId: AttemptId): void {
    const attempt = this.#handedOver.get(attemptId);
    if (attempt === undefined) return;
    this.#handedOver.delete(attemptId);
    const inOrder = [...this.#queued.values(), attempt].sort((a, b) => a.attemptId - b.attemptId);
    this.#queued = new Map(inOrder.map((each) => [each.attemptId, each]));
  }

  /** Takes a call, which runs at once as far as this node is concerned.
   * @returns false for one that is already held */
  takeCall(attemptId: AttemptId, taskId: string): boolean {
    if (this.#calls.has(attemptId) || this.#finished.has(attemptId)) return false;
    this.#calls.set(attemptId, taskId);
    return true;
  }

  /** A running creation of an actor came to its end: the instance takes calls. */
  markAlive(attemptId: AttemptId): void {
    this.#alive.add(attemptId);
  }

  /** Takes an attempt to finished, from running or from the queue. */
  finish(attemptId: AttemptId, report: AttemptReport): void {
    const called = this.#calls.get(attemptId);
    if (called !== undefined) {
      this.#calls.delete(attemptId);
      this.#finished.set(attemptId, { taskId: called, report });
      return;
    }
    this.#alive.delete(attemptId);
    const running = this.#running.get(attemptId);
    const attempt = running ?? this.#queuedOf(attemptId);
    if (attempt === undefined) return;
    this.#queued.delete(attemptId);
    this.#handedOver.delete(attemptId);
    this.#finished.set(attemptId, { taskId: attempt.taskId, report });
    if (running === undefined) return;
    this.#running.delete(attemptId);
    if (!this.#blocked.delete(attemptId)) this.#charge(attempt.resources, -1);
  }

  /** The task of an attempt that runs here. */
  taskIdOf(attemptId: AttemptId): string | undefined {
    return this.#running.get(attemptId)?.taskId ?? this.#calls.get(attemptId);
  }

  /** Whether an attempt is a call that has not ended. */
  holdsCall(attemptId: AttemptId): boolean {
    return this.#calls.has(attemptId);
  }

  /** A running attempt waits for tasks of its own: others may have its resources. */
  block(attemptId: AttemptId): void {
    const attempt = this.#running.get(attemptId);
    if (attempt === undefined || this.#blocked.has(attemptId)) return;
    this.#blocked.add(attemptId);
    this.#charge(attempt.resources, -1);
  }

  /** It goes on at once, whoever has its resources: for a while more may be in use than there is. */
  resume(attemptId: AttemptId): void {
    const attempt = this.#running.get(attemptId);
    if (attempt !== undefined && this.#blocked.delete(attemptId)) {
      this.#charge(attempt.resources, 1);
    }
  }

  /** Whether an attempt is here, and how far. */
  where(attemptId: AttemptId): "queued" | "running" | "finished" | "unknown" {
    if (this.#isQueued(attemptId)) return "queued";
    if (this.#running.has(attemptId) || this.#calls.has(attemptId)) return "running";
    return this.#finished.has(attemptId) ? "finished" : "unknown";
  }

  /** The head has the report. */
  acknowledge(attemptId: AttemptId): void {
    this.#finished.delete(attemptId);
  }

  /** All that a head must know when it meets this worker again: a queued attempt counts as running there. */
  held(): HeldAttempt[] {
    const open = [
      ...this.#handedOver.values(),
      ...this.#queued.values(),
      ...this.#running.values(),
    ];
    return [
      ...open.map(({ taskId, attemptId }): HeldAttempt => ({
        type: this.#alive.has(attemptId)
          ? "alive"
          : this.#blocked.has(attemptId)
          ? "blocked"
          : "running",
        taskId,
        attemptId,
      })),
      ...[...this.#calls].map(([attemptId, taskId]): HeldAttempt => ({
        type: "running",
        taskId,
        attemptId,
      })),
      ...[...this.#finished].map(([attemptId, { taskId, report }]): HeldAttempt => ({
        type: "finished",
        taskId,
        attemptId,
        report,
      })),
    ];
  }

  /** The first that no executor has. */
  #nextQueued(): AssignedAttempt | undefined {
    return this.#queued.values().next().value;
  }

  #queuedOf(attemptId: AttemptId): AssignedAttempt | undefined {
    return this.#queued.get(attemptId) ?? this.#handedOver.get(attemptId);
  }

  #isQueued(attemptId: AttemptId): boolean {
    return this.#queued.has(attemptId) || this.#handedOver.has(attemptId);
  }

  #run(attempt: AssignedAttempt): void {
    this.#queued.delete(attempt.attemptId);
    this.#handedOver.delete(attempt.attemptId);
    this.#running.set(attempt.attemptId, attempt);
    this.#charge(attempt.resources, 1);
  }

  #fits(resources: Resources): boolean {
    if (this.#running.size === this.#blocked.size) return true;
    return Object.entries(resources).every(([name, amount]) =>
      // Sums of fractions such as ten times 0.1 must still fit into 1.
      (this.#used.get(name) ?? 0) + amount <= (this.#capacity[name] ?? 0) + 1e-9
    );
  }

  #charge(resources: Resources, sign: 1 | -1): void {
    for (const [name, amount] of Object.entries(resources)) {
      this.#used.set(name, (this.#used.get(name) ?? 0) + sign * amount);
    }
    // Rounding errors of many fractions must not add up: an idle node has exactly nothing in use.
    if (this.#running.size === this.#blocked.size) this.#used.clear();
  }
}

function isSame(a: Resources, b: Resources): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
