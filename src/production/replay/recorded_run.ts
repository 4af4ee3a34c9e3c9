import type { Json } from "../../base/canonical_json.ts";
import { UserError } from "../../base/errors.ts";
import { type LedgerRecord, readLedger } from "../../ledger/mod.ts";

/** A step of a run, as its ledger tells it. */
export interface RecordedStep {
  readonly intent: number;
  /** Of the intent's record. */
  readonly line: number;
  readonly step: string;
  readonly context: Json;
  readonly inputs: Json;
  /** As in outcomes; `open` for a step without one. */
  readonly status: string;
  /** Null without an outcome. */
  readonly outputs: Json;
  /** Of the configuration by which the step was done: a run can be resumed with another one. */
  readonly manifestHash: string;
}

/** What the ledger of a run tells. */
export interface RecordedRun {
  readonly steps: readonly RecordedStep[];
  /** What the run was last executed by: members of its newest `genesis` or `resumed` record. */
  readonly versions: Json;
  readonly lockHash: Json;
  readonly gitHash: Json;
}

/** Reads the ledger of a run, and checks it on the way.
 * @throws {UserError} naming file and line when one is bad, or when there is no record
 * @throws {Deno.errors.NotFound} when there is no such file */
export async function readRecordedRun(path: string): Promise<RecordedRun> {
  const steps = new Map<number, RecordedStep>();
  let execution: LedgerRecord["members"] | undefined;
  await readLedger(path, ({ type, line, members }) => {
    if (type === "genesis" || type === "resumed") execution = members;
    else if (type === "intent") {
      const step = openStep(line, members, execution!);
      steps.set(step.intent, step);
    } else if (type === "outcome") {
      const intent = members["intent"] as number;
      const { status, outputs } = members;
      steps.set(intent, {
        ...steps.get(intent)!,
        status: String(status),
        outputs: outputs ?? null,
      });
    }
  });
  if (execution === undefined) {
    throw new UserError("ledger/empty", `Cannot read the run of ${path}: it is empty`);
  }
  const { versions, lock_hash: lockHash, git_hash: gitHash } = execution;
  return {
    steps: [...steps.values()],
    versions: versions ?? null,
    lockHash: lockHash ?? null,
    gitHash: gitHash ?? null,
  };
}

function openStep(
  line: number,
  members: LedgerRecord["members"],
  execution: LedgerRecord["members"],
): RecordedStep {
  return {
    intent: members["intent"] as number,
    line,
    step: members["step"] as string,
    context: members["context"] ?? null,
    inputs: members["inputs"] ?? null,
    status: "open",
    outputs: null,
    manifestHash: String(execution["manifest_hash"]),
  };
}

/** Whether a step came to a result, which can be computed again. */
export function hasResult({ status }: RecordedStep): boolean {
  return status === "completed" || status === "cached";
}
