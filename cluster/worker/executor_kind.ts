import type { TaskPermissions } from "../protocol/task_permissions.ts";
import type { Resources } from "../scheduler/types.ts";
import type { CodeEnvironment } from "./code_environment.ts";
import { describePermissions } from "./granted_permissions.ts";

/** What distinguishes executors: a process serves only attempts of its own kind. */
export interface ExecutorKind {
  /** Equal for equal kinds. */
  readonly key: string;
  /** Of memory of its own; undefined: no limit. */
  readonly memoryLimitBytes: number | undefined;
  /** What code it loads, and how. */
  readonly environment: CodeEnvironment;
  /** Other permissions than the usual. */
  readonly permissions?: {
    readonly asked: TaskPermissions;
    /** Where the module lies that it has to read. */
    readonly codePaths: readonly string[];
  };
}

/** The kind with the permissions that a task asks for. */
export function withPermissions(
  kind: ExecutorKind,
  asked: TaskPermissions,
  codePaths: readonly string[],
): ExecutorKind {
  const key = `${kind.key} ${describePermissions(asked)} module=${codePaths.join(",")}`;
  return { ...kind, key, permissions: { asked, codePaths } };
}

/** The kind of executor that an attempt of some code takes: limited to `memoryBytes` of its resources, else to the
 * node's default for each slot that it takes.
 * @param memoryPerSlotBytes undefined: attempts that name no memory have no limit */
export function executorKind(
  resources: Resources,
  memoryPerSlotBytes: number | undefined,
  environment: CodeEnvironment,
): ExecutorKind {
  const { memoryBytes = 0, cpus = 0 } = resources;
  const memoryLimitBytes = memoryBytes > 0
    ? memoryBytes
    : memoryPerSlotBytes && memoryPerSlotBytes * Math.max(1, cpus);
  const key = `memory=${memoryLimitBytes ?? ""} code=${environment.key}`;
  return { key, memoryLimitBytes, environment };
}
