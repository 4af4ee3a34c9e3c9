import type { SchedulerState, Task } from "./state.ts";
import type { TaskError } from "./types.ts";

/** A task that no task submitted, with all that it led to: its children, theirs, and those that outlive their parents. */
export interface Family {
  /** The one that began it, for people: its name and its id. */
  readonly founder: string;
  /** Members that have not ended. */
  unfinishedCount: number;
}

/** Takes a child into the family of its parent.
 * @param isUnfinished whether it counts; what ended before a restart of the head does not */
export function joinFamily(parent: Task, child: Task, isUnfinished: boolean): void {
  const { spec } = parent.record;
  // Whoever has a child runs, or may still be claimed: the founder itself is unfinished, too.
  parent.family ??= { founder: `${spec.name} (${spec.taskId})`, unfinishedCount: 1 };
  child.family = parent.family;
  if (isUnfinished) child.family.unfinishedCount++;
}

/** A member of a family, if the task is one, ended, or has to run again. */
export function countInFamily({ family }: Task, change: 1 | -1): void {
  if (family !== undefined) family.unfinishedCount += change;
}

/** Why a task that was just submitted is one too many of its family; undefined while there is room. */
export function crowdedFamily(
  { limits: { maxTaskDepth, maxFamilySize } }: SchedulerState,
  { family, depth, record: { spec: { name } } }: Task,
): TaskError | undefined {
  if (depth > maxTaskDepth) {
    const message =
      `Cannot run ${name}: it is ${depth} tasks deep, a task within a task and so on, ` +
      `at most ${maxTaskDepth} may be. Check that the recursion ends`;
    return { kind: "unschedulable", name: "TooDeep", message };
  }
  if (family === undefined || family.unfinishedCount <= maxFamilySize) return undefined;
  const message = `Cannot run ${name}: of ${family.founder} and the tasks within it ` +
    `${maxFamilySize} have not ended, no more may be at a time. Check that the recursion ends, ` +
    `wait for some before more are submitted, as map() does, or let a family be larger (maxFamilySize, --max-family of the head)`;
  return { kind: "unschedulable", name: "TooManyTasks", message };
}
