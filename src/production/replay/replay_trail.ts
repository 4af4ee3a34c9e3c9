import { canonicalJson, type Json } from "../../base/canonical_json.ts";
import type { AuditedStep, AuditTrail } from "../audit_trail.ts";
import { hasResult, type RecordedStep } from "./recorded_run.ts";

/** A step that was done again. */
export interface ReplayedStep {
  readonly recorded: RecordedStep;
  /** Whether inputs and outputs are the same, to the last digit of every number. */
  readonly isSame: boolean;
  readonly inputs: Json;
  readonly outputs: Json;
}

/** Stands in for the trail of a run when its steps are done again: writes nothing, and compares each step with what the
 * ledger says of the newest one of its kind and context that came to a result. */
export class ReplayTrail implements Pick<AuditTrail, "record" | "headHash"> {
  /** Of no record: nothing is written. */
  readonly headHash = "";
  readonly #recorded = new Map<string, RecordedStep>();
  readonly #replayed = new Map<number, ReplayedStep>();

  /** @param steps of the ledger, in its order */
  constructor(steps: readonly RecordedStep[]) {
    for (const recorded of steps) {
      if (hasResult(recorded)) this.#recorded.set(keyOf(recorded), recorded);
    }
  }

  /** Runs a step and compares.
   * @throws {Error} when the run has no such step with a result: the code has changed since, or the step failed then
   * @throws whatever the step fails with */
  async record<R>(step: AuditedStep<R>): Promise<R> {
    const recorded = this.#recorded.get(keyOf(step));
    if (recorded === undefined) {
      throw new Error(
        `Cannot replay ${step.step} ${canonicalJson(step.context)}: the ledger has no result of it`,
      );
    }
    const result = await step.run();
    const outputs = step.outputs(result);
    this.#replayed.set(recorded.intent, {
      recorded,
      isSame: canonicalJson([step.inputs, outputs]) ===
        canonicalJson([recorded.inputs, recorded.outputs]),
      inputs: step.inputs,
      outputs,
    });
    return result;
  }

  /** What was done again, in the order of the ledger. */
  get replayed(): ReplayedStep[] {
    return [...this.#replayed.values()].sort((a, b) => a.recorded.intent - b.recorded.intent);
  }
}

function keyOf({ step, context }: { readonly step: string; readonly context: Json }): string {
  return canonicalJson([step, context]);
}
