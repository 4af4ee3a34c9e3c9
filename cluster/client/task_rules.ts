import { sha256Hex } from "../../src/base/hash.ts";
import { encodeValue } from "../../src/base/value_codec.ts";
import type { CodeRef } from "../protocol/code_ref.ts";
import type { LocatedFunction } from "./code_source.ts";
import type { Affinity, FunctionRef, TaskRules } from "../scheduler/types.ts";

/** Where, when and in whose name a task runs; part of the options of every submission. */
export interface RuleOptions {
  /** Longest time from the submission to the first start; then the task fails as `timed_out`. Default: none. */
  readonly queueTimeoutMs?: number;
  /** Runs that have ready tasks share the workers; the output of tasks is found by it. Default: the client is one run. */
  readonly runId?: string;
  /** What its run gets in proportion to others; default: 1. */
  readonly runWeight?: number;
  /** On which workers it has to run, or would best run. */
  readonly affinity?: Affinity;
  /** Whether a second attempt may run beside the first when that takes unusually long for its name and a worker idles;
   * the first to succeed counts. For functions that may run twice at the same time. */
  readonly speculate?: boolean;
  /** Whether it fails at its submission, as `unschedulable`, when none of the known workers could ever hold it; else
   * it waits for such a worker, and the client is warned. */
  readonly failFast?: boolean;
  /** Names the effect of the call, over all clients: while the head knows it, a second submission gets the outcome of
   * the first. Another function or other arguments under the same key are refused; of arguments that are handles of
   * tasks the place counts, not the task. A task that was cancelled or never ran frees its key; a failure keeps it. */
  readonly idempotencyKey?: string;
}

/** The options of which each makes a rule: the compiler asks for the next one, too. */
const RULES: Readonly<Record<keyof Omit<RuleOptions, "runWeight">, true>> = {
  queueTimeoutMs: true,
  runId: true,
  affinity: true,
  speculate: true,
  failFast: true,
  idempotencyKey: true,
};
const RULE_NAMES = Object.keys(RULES) as (keyof typeof RULES)[];

/** The rules as they travel; undefined when nothing unusual is asked for.
 * @param args the arguments as they are encoded */
export function rulesOf(
  options: RuleOptions,
  fn: LocatedFunction,
  args: readonly unknown[],
): TaskRules | undefined {
  const { queueTimeoutMs, runId, runWeight, affinity, speculate, failFast, idempotencyKey: key } =
    options;
  const { code } = fn;
  if (code === undefined && !RULE_NAMES.some((name) => options[name] !== undefined)) {
    return undefined;
  }
  return {
    ...(queueTimeoutMs === undefined ? {} : { queueTimeoutMs }),
    ...(runId === undefined ? {} : { run: { runId, weight: runWeight ?? 1 } }),
    ...(affinity === undefined ? {} : { affinity }),
    ...(speculate === undefined ? {} : { speculate }),
    ...(failFast === undefined ? {} : { failFast }),
    ...codeRule(code),
    ...(key === undefined ? {} : { idempotency: { key, fingerprint: fingerprint(fn, args) } }),
  };
}

/** What keeps the archive of some code at the head as long as a task may need it. */
export function codeRule(code: CodeRef | undefined): Pick<TaskRules, "code"> {
  if (code === undefined) return {};
  return { code: { objectId: code.hash, sizeBytes: code.sizeBytes } };
}

function fingerprint({ module, exportName }: FunctionRef, args: readonly unknown[]): string {
  return sha256Hex(encodeValue([module, exportName, args]));
}
