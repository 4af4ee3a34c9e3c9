import { errorMessage } from "../../src/base/errors.ts";
import type { ActorStart, AttemptName, CallStart, WorkerMessage } from "../protocol/messages.ts";
import type {
  AttemptId,
  AttemptReport,
  EndReport,
  ResultRef,
  TaskError,
} from "../scheduler/types.ts";
import type { HeldAttempts } from "./attempts.ts";
import { CallClock } from "./call_clock.ts";
import type { Executor, ExecutorOutcome } from "./executor.ts";
import { StarvedError } from "./node_objects.ts";
import type { NodeObjects } from "./node_objects.ts";

/** What the actors of a node need of its daemon. */
export interface ActorHostsParts {
  readonly attempts: HeldAttempts;
  readonly objects: Pick<NodeObjects, "isReady" | "hold" | "prepare" | "push" | "check">;
  /** An instance takes calls: `takeMessages` says so. */
  readonly onReady: () => void;
  /** The attempt of a creation or of a call has ended. */
  readonly onEnded: (attemptId: AttemptId, taskId: string, report: AttemptReport) => void;
}

interface Host {
  readonly actorId: string;
  readonly attemptId: AttemptId;
  readonly executor: Executor;
  readonly clock: CallClock;
  isReady: boolean;
  /** Its creation has been reported as ended. */
  isOver: boolean;
  /** Grows with each state. */
  stateCount: number;
  /** Calls that wait for a call before them, whose objects are being fetched. */
  fetching: Promise<void> | undefined;
  /** Reports that wait for an object to arrive at the head: they keep their order. */
  pushing: Promise<void> | undefined;
}

const NO_SECRETS: readonly string[] = [];

/** The actors of a node: each has an executor of its own for as long as it lives. */
export class ActorHosts {
  readonly #parts: ActorHostsParts;
  readonly #byActor = new Map<string, Host>();
  readonly #byAttempt = new Map<AttemptId, Host>();
  #ready: AttemptName[] = [];

  constructor(parts: ActorHostsParts) {
    this.#parts = parts;
  }

  /** Actors that have nothing to do. */
  get idleCount(): number {
    let count = 0;
    for (const { executor } of this.#byAttempt.values()) {
      if (executor.pendingCount === 0) count++;
    }
    return count;
  }

  /** Constructs an actor in an executor, which belongs to it from now on. */
  start(
    actor: ActorStart,
    executor: Executor,
    secrets: readonly string[],
    codeUrl: string | undefined,
  ): void {
    const { attemptId, taskId, payload, info, inputs, maxConcurrency, checkpoint } = actor;
    const host: Host = {
      actorId: taskId,
      attemptId,
      executor,
      clock: new CallClock(maxConcurrency, (call) => this.#timeOut(host, call)),
      isReady: false,
      isOver: false,
      stateCount: 0,
      fetching: undefined,
      pushing: undefined,
    };
    this.#byActor.set(taskId, host);
    this.#byAttempt.set(attemptId, host);
    executor.let({
      attemptId,
      name: info.name,
      maxConcurrency,
      onLost: (error) => this.#lose(host, error),
    });
    executor.run(
      {
        message: {
          type: "Construct",
          attemptId,
          taskId,
          payload,
          codeUrl,
          info,
          maxConcurrency,
          inputs,
          state: checkpoint,
        },
        secrets,
      },
      (outcome) => this.#constructed(host, outcome),
    );
  }

  /** Hands a call to its actor, after those that it has. One that is not here any more gives it back. */
  call(call: CallStart): void {
    const { attempts, onEnded } = this.#parts;
    const { attemptId, taskId, actorId } = call;
    if (!attempts.takeCall(attemptId, taskId)) return;
    const host = this.#byActor.get(actorId);
    if (host === undefined || !host.isReady) {
      return onEnded(attemptId, taskId, { type: "cancelled" });
    }
    const { objects } = this.#parts;
    objects.hold(attemptId, call.objects);
    if (objects.isReady(call.objects) && host.fetching === undefined) {
      return this.#hand(host, call);
    }
    const fetching = this.#fetchAndHand(host, call, host.fetching);
    host.fetching = fetching;
    fetching.then(() => {
      if (host.fetching === fetching) host.fetching = undefined;
    });
  }

  /** What the head has to be told; after this it counts as said. */
  takeMessages(): WorkerMessage[] {
    const actors = this.#ready;
    this.#ready = [];
    return actors.length === 0 ? [] : [{ type: "ActorsReady", actors }];
  }

  /** Ends what the head does not want any more.
   * @returns false when it is neither an actor nor a call of this node */
  cancel(attemptId: AttemptId, taskId: string, isRecalled: boolean): boolean {
    const host = this.#byAttempt.get(attemptId);
    if (host === undefined) {
      if (!this.#parts.attempts.holdsCall(attemptId)) return false;
      // The instance may run it all the same: its state would be lost with its process.
      this.#parts.onEnded(attemptId, taskId, { type: "cancelled" });
      return true;
    }
    if (isRecalled && host.isReady) this.#giveBack(host);
    else {
      this.#end(host, { type: "cancelled" });
      host.executor.kill();
    }
    return true;
  }

  #constructed(host: Host, outcome: ExecutorOutcome): void {
    if (host.isOver) return;
    const { actorId, attemptId } = host;
    if (outcome.type === "succeeded") {
      host.isReady = true;
      this.#parts.attempts.markAlive(attemptId);
      this.#ready.push({ taskId: actorId, attemptId });
      this.#parts.onReady();
    } else {
      this.#end(host, outcome.type === "unstarted" ? { type: "cancelled" } : outcome);
      host.executor.kill();
    }
  }

  async #fetchAndHand(
    host: Host,
    call: CallStart,
    before: Promise<void> | undefined,
  ): Promise<void> {
    const fetched = this.#parts.objects.prepare(call.objects);
    // Its failure is told below, when its turn has come.
    fetched.catch(() => {});
    await before;
    try {
      await fetched;
      this.#hand(host, call);
    } catch (error) {
      const report = error instanceof StarvedError ? error.report : nodeFailure(error);
      this.#report(call.attemptId, call.taskId, report);
    }
  }

  #hand(host: Host, call: CallStart): void {
    const { attemptId, payload, inputs, runTimeoutMs } = call;
    host.clock.add(attemptId, runTimeoutMs);
    host.executor.run(
      { message: { type: "Call", attemptId, payload, inputs }, secrets: NO_SECRETS },
      (outcome, state) => {
        host.clock.remove(attemptId);
        this.#answered(host, call, outcome, state);
      },
    );
  }

  #answered(host: Host, call: CallStart, outcome: ExecutorOutcome, state?: ResultRef): void {
    if (outcome.type === "starved") this.#parts.objects.check(outcome.objectIds);
    const report: AttemptReport = outcome.type === "unstarted"
      ? { type: "cancelled" }
      : this.#withState(host, outcome, state);
    const toPush = [
      ...(outcome.type === "succeeded" && outcome.result.type === "stored" ? [outcome.result] : []),
      ...(state?.type === "stored" ? [state] : []),
    ];
    const { attemptId, taskId } = call;
    if (toPush.length === 0 && host.pushing === undefined) {
      return this.#report(attemptId, taskId, report);
    }
    const pushing = Promise.all([
      ...toPush.map(({ objectId }) => this.#parts.objects.push(objectId)),
      host.pushing,
    ]).then(() => report, (error) => nodeFailure(error)).then((pushed) => {
      this.#report(attemptId, taskId, pushed);
      if (host.pushing === pushing) host.pushing = undefined;
    });
    host.pushing = pushing;
  }

  #withState(host: Host, report: EndReport, state: ResultRef | undefined): AttemptReport {
    if (state === undefined) return report;
    const checkpoint = {
      incarnation: host.attemptId,
      sequence: host.stateCount++,
      value: state,
    };
    return { type: "checkpointed", report, checkpoint };
  }

  /** What was cancelled meanwhile has been reported. */
  #report(attemptId: AttemptId, taskId: string, report: AttemptReport): void {
    if (this.#parts.attempts.holdsCall(attemptId)) this.#parts.onEnded(attemptId, taskId, report);
  }

  /** A call ran too long. Nothing but the end of its process stops it. */
  #timeOut(host: Host, { attemptId, limitMs }: { attemptId: AttemptId; limitMs: number }): void {
    const taskId = this.#parts.attempts.taskIdOf(attemptId);
    if (taskId === undefined) return;
    const message = `A call ran longer than the ${limitMs} ms that it may`;
    const error: TaskError = { kind: "timed_out", name: "TimedOut", message };
    // Before the end of its actor, by which calls that may run are lost: of this one it is known how it ended.
    this.#parts.onEnded(attemptId, taskId, { type: "failed", error, durationMs: limitMs });
    this.#lose(host, {
      kind: "crashed",
      name: "CallTimedOut",
      message: `${message}: its process was ended`,
    });
    host.executor.kill();
  }

  /** The node is to be left: the actor says its last state, if it says any, and ends. */
  #giveBack(host: Host): void {
    const { executor, attemptId } = host;
    host.isReady = false;
    const message = { type: "SaveState", attemptId } as const;
    executor.run({ message, secrets: NO_SECRETS }, (outcome, state) => {
      const push = state?.type === "stored"
        ? this.#parts.objects.push(state.objectId)
        : Promise.resolve();
      push.catch(() => {}).then(() => {
        // Without the state it could not save, it goes on from the one before.
        const isSaved = outcome.type === "succeeded";
        this.#end(host, this.#withState(host, { type: "cancelled" }, isSaved ? state : undefined));
        executor.kill();
      });
    });
  }

  #lose(host: Host, error: TaskError): void {
    this.#end(host, { type: "failed", error, durationMs: 0 });
  }

  /** Reports the end of an actor, before that of calls that end with it. */
  #end(host: Host, report: AttemptReport): void {
    if (host.isOver) return;
    host.isOver = true;
    host.isReady = false;
    host.clock.stop();
    if (this.#byActor.get(host.actorId) === host) this.#byActor.delete(host.actorId);
    this.#byAttempt.delete(host.attemptId);
    this.#parts.onEnded(host.attemptId, host.actorId, report);
  }
}

function nodeFailure(error: unknown): EndReport {
  const failure = { kind: "lost", name: "NodeError", message: errorMessage(error) } as const;
  return { type: "failed", error: failure, durationMs: 0 };
}
