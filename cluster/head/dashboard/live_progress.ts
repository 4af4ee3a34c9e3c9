import { readProgressLine } from "../../../src/base/progress_line.ts";
import type { LogLine } from "../../protocol/log_line.ts";
import type { RunArtifact } from "./schemas/runs.ts";

/** Tasks that are remembered; what was heard of last stays. */
const MAX_TASKS = 10_000;
/** Measures of one task. */
const MAX_NAMES = 32;

interface ProgressOfTask {
  readonly runId: string;
  readonly taskName: string;
  /** Titles and fractions by name. */
  readonly measures: Map<string, { readonly title: string; readonly fraction: number }>;
}

/** PURE: how far tasks are that run now, as their lines say. Bounded, whatever comes. */
export class LiveProgress {
  readonly #tasks = new Map<string, ProgressOfTask>();

  /** Takes lines of the log; those that tell no progress are left out. */
  hear(lines: readonly LogLine[]): void {
    for (const line of lines) {
      if (line.stream === "notice") continue;
      const told = readProgressLine(line.text);
      if (told === undefined) continue;
      const task = this.#tasks.get(line.task) ??
        { runId: line.run, taskName: line.name, measures: new Map() };
      this.#tasks.delete(line.task);
      this.#tasks.set(line.task, task);
      if (this.#tasks.size > MAX_TASKS) this.#tasks.delete(this.#tasks.keys().next().value!);
      if (task.measures.size >= MAX_NAMES && !task.measures.has(told.name)) continue;
      task.measures.set(told.name, told);
    }
  }

  /** Forgets a task of which an attempt has ended: what it made comes with its result, or it starts anew. */
  forget(taskId: string): void {
    this.#tasks.delete(taskId);
  }

  /** What the tasks of a run tell now.
   * @param isLive whether a task has not ended */
  artifactsOf(runId: string, isLive: (taskId: string) => boolean): RunArtifact[] {
    const wanted = [...this.#tasks].filter(([taskId, task]) =>
      task.runId === runId && isLive(taskId)
    );
    return wanted.flatMap(
      ([taskId, { taskName, measures }]) =>
        [...measures].map(([name, { title, fraction }]): RunArtifact => ({
          key: `live:${taskId}:${name}`,
          kind: "progress",
          title,
          task: taskName,
          fraction,
        })),
    );
  }
}
