import type { SchedulerCommand, TaskRecord } from "../../scheduler/types.ts";
import type { AttemptListener } from "./attempt_log.ts";
import type { AttemptEnd, AttemptRecord } from "./attempt_record.ts";
import { Histogram, SECONDS_BOUNDS } from "./histogram.ts";

/** PURE: what a head counts as it goes. Every number only rises, from 0 at the head's start. */
export class Counters {
  submittedTasks = 0;
  readonly endedTasks = { succeeded: 0, failed: 0, cancelled: 0 };
  startedAttempts = 0;
  /** Attempts after the first of their task. */
  repeatedAttempts = 0;
  readonly endedAttempts: Record<AttemptEnd, number> = {
    succeeded: 0,
    failed: 0,
    timed_out: 0,
    cancelled: 0,
    recalled: 0,
    lost: 0,
  };
  joinedWorkers = 0;
  droppedWorkers = 0;
  /** From ready to assigned. */
  readonly queueSeconds = new Histogram(SECONDS_BOUNDS);
  /** From assigned to started. */
  readonly startSeconds = new Histogram(SECONDS_BOUNDS);
  /** As the executor measured it; attempts that succeeded or failed. */
  readonly durationSeconds = new Histogram(SECONDS_BOUNDS);
  readonly commitSeconds = new Histogram(SECONDS_BOUNDS);

  /** What a log of attempts tells, counted.
   * @param next hears of the ends too */
  listener(next: (record: AttemptRecord) => void): AttemptListener {
    return {
      onAssigned: (waitedMs) => this.queueSeconds.observe(waitedMs / 1e3),
      onEnded: (record) => {
        this.endedAttempts[record.end]++;
        if (record.startedAtMs !== undefined) {
          this.startSeconds.observe((record.startedAtMs - record.assignedAtMs) / 1e3);
        }
        if (record.end === "succeeded" || record.end === "failed") {
          this.durationSeconds.observe(record.durationMs / 1e3);
        }
        next(record);
      },
    };
  }

  /** Takes what the scheduler commanded in one step.
   * @param tasks what it knows */
  take(
    commands: readonly SchedulerCommand[],
    tasks: ReadonlyMap<string, { readonly record: TaskRecord }>,
  ): void {
    for (const command of commands) {
      switch (command.type) {
        case "SaveTask":
          this.submittedTasks++;
          break;
        case "SaveEnd":
          if (command.task.outcome !== undefined) this.endedTasks[command.task.outcome.type]++;
          break;
        case "StartAttempt": {
          this.startedAttempts++;
          const record = tasks.get(command.spec.taskId)?.record;
          if (record !== undefined && record.failures + record.losses > 0) this.repeatedAttempts++;
          break;
        }
        case "DropWorker":
          this.droppedWorkers++;
          break;
        default:
      }
    }
  }
}
