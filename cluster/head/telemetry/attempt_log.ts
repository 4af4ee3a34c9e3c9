import type { SchedulerState } from "../../scheduler/mod.ts";
import type {
  AttemptId,
  AttemptReport,
  HeldAttempt,
  SchedulerCommand,
  SchedulerEvent,
  TaskSpec,
} from "../../scheduler/types.ts";
import { attemptOf } from "../../scheduler/workers.ts";
import { MAX_RECORDED_DEPENDENCIES } from "./attempt_record.ts";
import type { AttemptEnd, AttemptRecord } from "./attempt_record.ts";

const MAX_CAUSE_LENGTH = 300;

/** An attempt that has not ended. */
interface OpenAttempt {
  readonly attemptId: AttemptId;
  readonly spec: TaskSpec;
  readonly workerId: string;
  readonly submittedAtMs: number;
  readonly readyAtMs: number;
  readonly assignedAtMs: number;
  startedAtMs: number | undefined;
  /** Why the head asked for its end, if it did. */
  cancelReason: "cancelled" | "timed_out" | "stale" | "recalled" | undefined;
}

/** Who hears of what an {@linkcode AttemptLog} sees. */
export interface AttemptListener {
  /** A task was given to a worker. */
  readonly onAssigned: (waitedMs: number) => void;
  /** It ended, one way or another. */
  readonly onEnded: (record: AttemptRecord) => void;
}

/** PURE: follows every attempt from its assignment to its end, by the events that the scheduler takes and the commands
 * that it gives. It holds the attempts that are under way and nothing else. */
export class AttemptLog {
  readonly #state: SchedulerState;
  readonly #listener: AttemptListener;
  readonly #open = new Map<AttemptId, OpenAttempt>();
  readonly #byWorker = new Map<string, Set<OpenAttempt>>();

  constructor(state: SchedulerState, listener: AttemptListener) {
    this.#state = state;
    this.#listener = listener;
  }

  /** Attempts that are under way. */
  get openCount(): number {
    return this.#open.size;
  }

  /** Whether an attempt is under way. */
  isOpen(attemptId: AttemptId): boolean {
    return this.#open.has(attemptId);
  }

  /** Takes one step of the scheduler, right after it. */
  take(event: SchedulerEvent, commands: readonly SchedulerCommand[], nowMs: number): void {
    switch (event.type) {
      case "AttemptStarted":
        this.#start(event.attemptId, nowMs);
        break;
      case "AttemptEnded":
        this.#report(event.attemptId, event.report, nowMs);
        break;
      case "WorkerJoined":
        this.#compare(event.workerId, event.held, nowMs);
        break;
      case "WorkerDied":
        this.#loseAll(event.workerId, event.reason, nowMs);
        break;
      case "Ticked":
        this.#bury(commands, nowMs);
        break;
      default:
    }
    for (const command of commands) {
      if (isStart(command)) {
        this.#assign(command.attemptId, command.spec, command.workerId, nowMs);
      } else if (command.type === "CancelAttempt") {
        const attempt = this.#open.get(command.attemptId);
        if (attempt !== undefined) attempt.cancelReason = command.reason;
      }
    }
  }

  #assign(attemptId: AttemptId, spec: TaskSpec, workerId: string, nowMs: number): OpenAttempt {
    const task = this.#state.tasks.get(spec.taskId);
    const submittedAtMs = task?.record.submittedAtMs ?? nowMs;
    const readyAtMs = submittedAtMs + (task?.readyAfterMs ?? 0);
    const attempt: OpenAttempt = {
      attemptId,
      spec,
      workerId,
      submittedAtMs,
      readyAtMs,
      assignedAtMs: nowMs,
      startedAtMs: undefined,
      cancelReason: undefined,
    };
    this.#open.set(attemptId, attempt);
    const mates = this.#byWorker.get(workerId);
    if (mates === undefined) this.#byWorker.set(workerId, new Set([attempt]));
    else mates.add(attempt);
    this.#listener.onAssigned(Math.max(0, nowMs - readyAtMs));
    return attempt;
  }

  #start(attemptId: AttemptId, nowMs: number): void {
    const attempt = this.#open.get(attemptId);
    if (attempt === undefined || attempt.startedAtMs !== undefined) return;
    attempt.startedAtMs = nowMs;
  }

  #report(attemptId: AttemptId, report: AttemptReport, nowMs: number): void {
    const attempt = this.#open.get(attemptId);
    if (attempt === undefined) return;
    if (report.type === "checkpointed") return this.#report(attemptId, report.report, nowMs);
    const { cancelReason } = attempt;
    if (report.type === "cancelled") {
      return this.#end(attempt, { end: cancelledEnd(cancelReason), cause: cancelReason }, nowMs);
    }
    if (report.type === "starved") {
      return this.#end(attempt, { end: "lost", cause: report.message }, nowMs);
    }
    // Starts are reported late, or not at all when the attempt is short: what the executor measured is better.
    if (report.durationMs > 0 || attempt.startedAtMs === undefined) {
      attempt.startedAtMs = Math.max(attempt.assignedAtMs, nowMs - report.durationMs);
    }
    const cause = report.type === "failed"
      ? `${report.error.kind}: ${report.error.name}: ${report.error.message}`
      : undefined;
    const { type: end, durationMs, executorPid } = report;
    this.#end(attempt, { end, cause, durationMs, executorPid }, nowMs);
  }

  /** A worker that joins again says what it holds: what it does not know any more is lost, and what an earlier start of
   * the head gave it is followed from now on. */
  #compare(workerId: string, held: readonly HeldAttempt[], nowMs: number): void {
    const worker = this.#state.workers.get(workerId);
    for (const attempt of [...this.#byWorker.get(workerId) ?? []]) {
      const { attemptId } = attempt;
      const finished = held.find((item) => item.attemptId === attemptId);
      if (finished?.type === "finished") this.#report(attemptId, finished.report, nowMs);
      else if (worker === undefined || attemptOf(worker, attemptId) === undefined) {
        const cause = "its worker did not have it any more";
        this.#end(attempt, { end: "lost", cause }, nowMs);
      }
    }
    for (const { type, attemptId, taskId } of held) {
      if (type === "finished" || this.#open.has(attemptId)) continue;
      const task = this.#state.tasks.get(taskId);
      if (task?.attempt?.attemptId !== attemptId) continue;
      this.#assign(attemptId, task.record.spec, workerId, nowMs).startedAtMs = nowMs;
    }
  }

  /** Time passed: some workers may have been given up. */
  #bury(commands: readonly SchedulerCommand[], nowMs: number): void {
    for (const command of commands) {
      if (command.type === "DropWorker") this.#loseAll(command.workerId, command.reason, nowMs);
    }
    for (const workerId of this.#byWorker.keys()) {
      if (!this.#state.workers.has(workerId)) {
        this.#loseAll(workerId, "its worker was given up", nowMs);
      }
    }
  }

  #loseAll(workerId: string, reason: string, nowMs: number): void {
    if (this.#state.workers.has(workerId)) return;
    for (const attempt of [...this.#byWorker.get(workerId) ?? []]) {
      this.#end(attempt, { end: "lost", cause: reason }, nowMs);
    }
  }

  #end(
    attempt: OpenAttempt,
    how: {
      readonly end: AttemptEnd;
      readonly cause: string | undefined;
      readonly durationMs?: number;
      readonly executorPid?: number;
    },
    nowMs: number,
  ): void {
    const { attemptId, spec, workerId } = attempt;
    this.#open.delete(attemptId);
    const mates = this.#byWorker.get(workerId);
    mates?.delete(attempt);
    if (mates?.size === 0) this.#byWorker.delete(workerId);
    this.#listener.onEnded({
      taskId: spec.taskId,
      attemptId,
      name: spec.name,
      runId: spec.rules?.run?.runId ?? spec.clientId,
      workerId,
      executorPid: how.executorPid,
      dependencies: spec.dependencies.length > MAX_RECORDED_DEPENDENCIES
        ? spec.dependencies.slice(0, MAX_RECORDED_DEPENDENCIES)
        : spec.dependencies,
      submittedAtMs: attempt.submittedAtMs,
      readyAtMs: attempt.readyAtMs,
      assignedAtMs: attempt.assignedAtMs,
      startedAtMs: attempt.startedAtMs,
      endedAtMs: nowMs,
      durationMs: how.durationMs ?? 0,
      end: how.end,
      cause: how.cause?.slice(0, MAX_CAUSE_LENGTH),
    });
  }
}

function isStart(
  command: SchedulerCommand,
): command is Extract<SchedulerCommand, { type: "StartAttempt" | "StartActor" | "StartCall" }> {
  const { type } = command;
  return type === "StartAttempt" || type === "StartActor" || type === "StartCall";
}

function cancelledEnd(reason: OpenAttempt["cancelReason"]): AttemptEnd {
  if (reason === "timed_out" || reason === "recalled") return reason;
  return reason === "stale" ? "lost" : "cancelled";
}
