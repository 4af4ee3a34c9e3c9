import type { TaskView } from "../../scheduler/mod.ts";
import type { AttemptRecord } from "./attempt_record.ts";

/** What a head tells of a task. */
export interface TaskReport {
  readonly taskId: string;
  /** Null once it ended and is forgotten. */
  readonly task: TaskView | null;
  /** Those of its attempts that ended and that the history still has. */
  readonly attempts: readonly AttemptRecord[];
}
