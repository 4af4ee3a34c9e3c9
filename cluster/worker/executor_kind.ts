import type { Resources } from "../scheduler/types.ts";
import type { CodeEnvironment } from "./code_environment.ts";

/** What distinguishes executors: a process serves only attempts of its own kind. */
export interface ExecutorKind {
  /** Equal for equal kinds. */
  readonly key: string;
  /** Of memory of its own; undefined: no limit. */
  readonly memoryLimitBytes: number | undefined;
  /** What code it loads, and how. */
  readonly environment: CodeEnvironment;
}

/** The kind of executor that an attempt of some code takes: limited to `memoryBytes` of its resources, else to the node's default for
 * each slot that it takes.
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
