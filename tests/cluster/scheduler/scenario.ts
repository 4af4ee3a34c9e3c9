import {
  checkInvariants,
  createScheduler,
  nextDeadlineMs,
  restoreObjects,
  restoreTasks,
  type SchedulerConfig,
  type SchedulerState,
  step,
} from "../../../cluster/scheduler/mod.ts";
import type {
  AttemptReport,
  HeldAttempt,
  Resources,
  ResultRef,
  SchedulerCommand,
  SchedulerEvent,
  TaskOutcome,
  TaskRecord,
  TaskSpec,
} from "../../../cluster/scheduler/types.ts";

type Command<T extends SchedulerCommand["type"]> = Extract<SchedulerCommand, { type: T }>;

/** A task spec for tests: one cpu, one attempt, no timeout. */
export function taskSpec(taskId: string, changes: Partial<TaskSpec> = {}): TaskSpec {
  return {
    taskId,
    clientId: "client",
    name: "work",
    payload: new Uint8Array([1]),
    dependencies: [],
    objects: [],
    resources: { cpus: 1 },
    priority: 0,
    retry: { maxAttempts: 1, baseDelayMs: 0, maxDelayMs: 0 },
    runTimeoutMs: Infinity,
    ...changes,
  };
}

/** The result that a task has in tests. */
export function resultOf(taskId: string): ResultRef {
  return { type: "stored", objectId: `result of ${taskId}`, sizeBytes: 1 };
}

/** Drives a scheduler with short words and checks its invariants after every step. */
export class Scenario {
  readonly state: SchedulerState;
  nowMs = 0;
  /** All commands so far. */
  readonly log: SchedulerCommand[] = [];

  constructor(config: Partial<SchedulerConfig> = {}) {
    this.state = createScheduler({ epoch: 1, seed: 7, storyLength: 20, ...config });
  }

  send(event: SchedulerEvent): SchedulerCommand[] {
    const commands = step(this.state, event, this.nowMs);
    this.log.push(...commands);
    checkInvariants(this.state);
    return commands;
  }

  restore(records: readonly TaskRecord[]): void {
    restoreObjects(this.state, { stored: [], pinned: [] }, this.nowMs);
    this.log.push(...restoreTasks(this.state, records, this.nowMs));
    checkInvariants(this.state);
  }

  submit(...specs: TaskSpec[]): SchedulerCommand[] {
    return this.send({ type: "TasksSubmitted", specs });
  }

  join(
    workerId: string,
    capacity: Resources = { cpus: 1 },
    held: readonly HeldAttempt[] = [],
  ): SchedulerCommand[] {
    return this.send({ type: "WorkerJoined", workerId, capacity, held });
  }

  /** Lets time pass as a shell does: a tick at every deadline. */
  waitUntil(atMs: number): SchedulerCommand[] {
    const commands: SchedulerCommand[] = [];
    for (;;) {
      const deadlineMs = Math.max(nextDeadlineMs(this.state), this.nowMs);
      if (deadlineMs > atMs) break;
      this.nowMs = deadlineMs;
      const before = this.log.length;
      commands.push(...this.send({ type: "Ticked" }));
      const isStuck = this.log.length === before && nextDeadlineMs(this.state) <= deadlineMs;
      if (isStuck) throw new Error(`the deadline at ${deadlineMs} ms does not go away`);
    }
    this.nowMs = atMs;
    return commands;
  }

  /** Keeps workers from falling silent while time passes. */
  waitWithHeartbeats(atMs: number, ...workerIds: string[]): SchedulerCommand[] {
    const commands: SchedulerCommand[] = [];
    while (this.nowMs < atMs) {
      commands.push(...this.waitUntil(Math.min(atMs, this.nowMs + 1_000)));
      for (const workerId of workerIds) this.send({ type: "WorkerHeard", workerId });
    }
    return commands;
  }

  started(taskId: string): SchedulerCommand[] {
    const { workerId, attemptId } = this.attempt(taskId);
    return this.send({ type: "AttemptStarted", workerId, taskId, attemptId });
  }

  ended(taskId: string, report: AttemptReport): SchedulerCommand[] {
    const { workerId, attemptId } = this.attempt(taskId);
    return this.send({ type: "AttemptEnded", workerId, taskId, attemptId, report });
  }

  succeed(taskId: string, durationMs = 1_000): SchedulerCommand[] {
    return this.ended(taskId, { type: "succeeded", result: resultOf(taskId), durationMs });
  }

  fail(taskId: string, message = "no luck"): SchedulerCommand[] {
    const error = { kind: "thrown", name: "Error", message } as const;
    return this.ended(taskId, { type: "failed", error, durationMs: 1 });
  }

  /** The newest attempt of a task. */
  attempt(taskId: string): Command<"StartAttempt"> {
    const start = this.all("StartAttempt").findLast(({ spec }) => spec.taskId === taskId);
    if (start === undefined) throw new Error(`task ${taskId} was never started`);
    return start;
  }

  /** The worker that the newest attempt of a task went to. */
  workerOf(taskId: string): string {
    return this.attempt(taskId).workerId;
  }

  stateOf(taskId: string): string {
    return this.state.tasks.get(taskId)?.record.state ?? "unknown";
  }

  /** What the client was told of a task, in order. */
  told(taskId: string): TaskOutcome[] {
    return this.all("TellClient").filter((tell) => tell.taskId === taskId)
      .map(({ outcome }) => outcome);
  }

  all<T extends SchedulerCommand["type"]>(type: T): Command<T>[] {
    return ofType(this.log, type);
  }
}

/** The commands of one type. */
export function ofType<T extends SchedulerCommand["type"]>(
  commands: readonly SchedulerCommand[],
  type: T,
): Command<T>[] {
  return commands.filter((command): command is Command<T> => command.type === type);
}

/** The ids of the tasks that these commands start, in order. */
export function startsIn(commands: readonly SchedulerCommand[]): string[] {
  return ofType(commands, "StartAttempt").map(({ spec }) => spec.taskId);
}
