import type { TaskSpec } from "../../cluster/scheduler/types.ts";
import type { World } from "./world.ts";

const MAX_DEPTH = 3;
const MAX_CHILDREN = 4;

/** The tasks that one attempt submits at its start, some of them detached; none below a depth. */
export function drawChildren(world: World, parent: TaskSpec, attemptId: number): TaskSpec[] {
  const depth = parent.taskId.split(">").length;
  if (depth >= MAX_DEPTH) return [];
  return Array.from({ length: 1 + world.rng.below(MAX_CHILDREN) }, (_, i) => ({
    taskId: `${parent.taskId}>${attemptId}.${i}`,
    clientId: `attempt-${attemptId}`,
    name: `child-${depth}`,
    payload: new Uint8Array([i]),
    dependencies: i > 0 && world.chance(0.2) ? [`${parent.taskId}>${attemptId}.${i - 1}`] : [],
    objects: [],
    resources: { cpus: world.pick([0.5, 1]) },
    priority: parent.priority + 2 ** -10,
    retry: { maxAttempts: 1 + world.rng.below(2), baseDelayMs: 0, maxDelayMs: 0 },
    runTimeoutMs: Infinity,
    parent: { taskId: parent.taskId, attemptId, isDetached: world.chance(0.2) },
  }));
}

/** The attempt to whose client something is addressed; undefined for a client outside. */
export function attemptOfClient(clientId: string): number | undefined {
  const digits = /^attempt-(\d+)$/.exec(clientId)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
