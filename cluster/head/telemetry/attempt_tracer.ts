import { isTracing, traceInterval } from "../../../src/base/tracing.ts";
import { readTaskCall } from "../../protocol/task_payload.ts";
import type { SchedulerCommand } from "../../scheduler/types.ts";
import type { AttemptRecord } from "./attempt_record.ts";

/** Tells OpenTelemetry of attempts that ended, where it is on: how long each waited for a worker, and how long it was at
 * one; both are children of the task's submission. */
export class AttemptTracer {
  readonly #traceparents = new Map<number, string>();

  /** Takes what the scheduler commanded. */
  take(commands: readonly SchedulerCommand[]): void {
    if (!isTracing) return;
    for (const command of commands) {
      if (command.type !== "StartAttempt") continue;
      const { traceparent } = readTaskCall(command.spec.payload);
      if (traceparent !== undefined) this.#traceparents.set(command.attemptId, traceparent);
    }
  }

  /** An attempt ended. */
  end(record: AttemptRecord): void {
    const { attemptId, name, taskId, workerId, end, cause } = record;
    const traceparent = this.#traceparents.get(attemptId);
    if (traceparent === undefined) return;
    this.#traceparents.delete(attemptId);
    const { readyAtMs, assignedAtMs, endedAtMs } = record;
    const attributes = {
      "tradewind.task": taskId,
      "tradewind.attempt": attemptId,
      "tradewind.node": workerId,
      "tradewind.end": end,
    };
    const common = { traceparent, attributes };
    traceInterval({ ...common, name: `queue ${name}`, startMs: readyAtMs, endMs: assignedAtMs });
    traceInterval({
      ...common,
      name: `attempt ${name}`,
      startMs: assignedAtMs,
      endMs: endedAtMs,
      error: end === "succeeded" ? undefined : cause ?? end,
    });
  }
}
