import { sha256Hex } from "../../../src/base/hash.ts";
import type { AttemptRecord } from "../telemetry/attempt_record.ts";
import { causeKey } from "./cause_key.ts";
import type { FailureGroup } from "./schemas/cluster.ts";

/** Runs that are remembered; those that nothing was heard of the longest fall out. */
const MAX_RUNS = 1_000;
/** Names of one run that are told apart; further ones count together. */
const MAX_NAMES = 200;
const MAX_GROUPS = 500;
/** What a group of failures names of each kind. */
const MAX_LISTED = 8;
/** Tasks whose names are remembered, to name what later ones read. */
const MAX_TASK_NAMES = 50_000;
/** Seconds for which ends are counted. */
const SECONDS = 900;
const OTHER_NAMES = "(others)";

/** The attempts of one name in a run. */
export interface NameDigest {
  succeeded: number;
  failed: number;
  cancelled: number;
  busyMs: number;
  firstStartedAtMs: number;
  lastEndedAtMs: number;
  /** Names of tasks whose results these read. */
  readonly reads: Set<string>;
}

/** The attempts of one run. */
export interface RunDigest {
  firstSubmittedAtMs: number;
  lastEndedAtMs: number;
  readonly names: Map<string, NameDigest>;
}

interface OpenGroup {
  readonly groupId: string;
  readonly kind: string;
  cause: string;
  count: number;
  firstAtMs: number;
  lastAtMs: number;
  readonly names: Set<string>;
  readonly runs: Set<string>;
  readonly nodes: Set<string>;
  readonly tasks: Set<string>;
}

/** PURE: what the attempts that ended come to: by run and name, by reason of failure, by second. Bounded, whatever
 * comes. */
export class AttemptDigest {
  /** By run id; what was heard of last is last. */
  readonly runs = new Map<string, RunDigest>();
  /** Of all attempts. */
  busyMs = 0;
  /** Attempts that ended badly. */
  failures = 0;
  readonly #groups = new Map<string, OpenGroup>();
  readonly #taskNames = new Map<string, string>();
  readonly #ended = new Map<number, { ended: number; failed: number }>();

  /** Takes an attempt that ended. */
  add(record: AttemptRecord): void {
    this.#nameTask(record);
    this.#countRun(record);
    this.busyMs += record.durationMs;
    if (record.end === "recalled") return;
    const isBad = record.end === "failed" || record.end === "timed_out" || record.end === "lost";
    this.#countSecond(record.endedAtMs, isBad);
    if (isBad) this.#countFailure(record);
  }

  /** Reasons of failure, the one of the newest failure first. */
  groups(): FailureGroup[] {
    return [...this.#groups.values()].reverse().map((group) => ({
      ...group,
      names: [...group.names],
      runs: [...group.runs],
      nodes: [...group.nodes],
      tasks: [...group.tasks],
    }));
  }

  /** Attempts that ended, and that ended badly, in a second.
   * @param second since the Unix epoch */
  endedIn(second: number): { readonly ended: number; readonly failed: number } {
    return this.#ended.get(second) ?? { ended: 0, failed: 0 };
  }

  #nameTask({ taskId, name }: AttemptRecord): void {
    this.#taskNames.set(taskId, name);
    if (this.#taskNames.size > MAX_TASK_NAMES) dropOldest(this.#taskNames);
  }

  #countRun(record: AttemptRecord): void {
    let run = this.runs.get(record.runId);
    if (run === undefined) {
      run = {
        firstSubmittedAtMs: record.submittedAtMs,
        lastEndedAtMs: record.endedAtMs,
        names: new Map(),
      };
      this.runs.set(record.runId, run);
      if (this.runs.size > MAX_RUNS) dropOldest(this.runs);
    }
    run.firstSubmittedAtMs = Math.min(run.firstSubmittedAtMs, record.submittedAtMs);
    run.lastEndedAtMs = Math.max(run.lastEndedAtMs, record.endedAtMs);
    const name = run.names.has(record.name) || run.names.size < MAX_NAMES
      ? record.name
      : OTHER_NAMES;
    let digest = run.names.get(name);
    if (digest === undefined) run.names.set(name, digest = newName());
    countName(digest, record);
    for (const taskId of record.dependencies) {
      const read = this.#taskNames.get(taskId);
      if (read !== undefined && digest.reads.size < MAX_NAMES) digest.reads.add(read);
    }
  }

  #countSecond(endedAtMs: number, isBad: boolean): void {
    const second = Math.floor(endedAtMs / 1e3);
    let slot = this.#ended.get(second);
    if (slot === undefined) {
      this.#ended.set(second, slot = { ended: 0, failed: 0 });
      if (this.#ended.size > SECONDS) dropOldest(this.#ended);
    }
    slot.ended++;
    if (isBad) slot.failed++;
  }

  #countFailure(record: AttemptRecord): void {
    this.failures++;
    const cause = record.cause ?? record.end;
    const kind = record.end === "failed" ? cause.split(":", 1)[0] : record.end;
    const key = `${kind} ${causeKey(cause)}`;
    const known = this.#groups.get(key);
    const group = known ?? {
      groupId: sha256Hex(key).slice(0, 12),
      kind,
      cause,
      count: 0,
      firstAtMs: record.endedAtMs,
      lastAtMs: record.endedAtMs,
      names: new Set<string>(),
      runs: new Set<string>(),
      nodes: new Set<string>(),
      tasks: new Set<string>(),
    };
    group.cause = cause;
    group.count++;
    group.lastAtMs = Math.max(group.lastAtMs, record.endedAtMs);
    group.firstAtMs = Math.min(group.firstAtMs, record.endedAtMs);
    keepNewest(group.names, record.name);
    keepNewest(group.runs, record.runId);
    keepNewest(group.nodes, record.workerId);
    keepNewest(group.tasks, record.taskId);
    this.#groups.delete(key);
    this.#groups.set(key, group);
    if (this.#groups.size > MAX_GROUPS) dropOldest(this.#groups);
  }
}

function newName(): NameDigest {
  return {
    succeeded: 0,
    failed: 0,
    cancelled: 0,
    busyMs: 0,
    firstStartedAtMs: Infinity,
    lastEndedAtMs: -Infinity,
    reads: new Set(),
  };
}

function countName(digest: NameDigest, record: AttemptRecord): void {
  const { end, startedAtMs = record.endedAtMs, endedAtMs, durationMs } = record;
  if (end === "succeeded") digest.succeeded++;
  else if (end === "cancelled") digest.cancelled++;
  else if (end !== "recalled") digest.failed++;
  digest.busyMs += durationMs;
  digest.firstStartedAtMs = Math.min(digest.firstStartedAtMs, startedAtMs);
  digest.lastEndedAtMs = Math.max(digest.lastEndedAtMs, endedAtMs);
}

function keepNewest(set: Set<string>, value: string): void {
  set.delete(value);
  set.add(value);
  if (set.size > MAX_LISTED) set.delete(set.values().next().value!);
}

function dropOldest<K>(map: Map<K, unknown>): void {
  map.delete(map.keys().next().value!);
}
