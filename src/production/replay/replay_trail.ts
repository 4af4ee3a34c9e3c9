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
 * ledger says of every one of its kind and context that came to a result: a run that was resumed has several. */
export class ReplayTrail implements Pick<AuditTrail, "record" | "headHash"> {
  /** Of no record: nothing is written. */
  readonly headHash = "";
  readonly #recorded = new Map<string, RecordedStep[]>();
  readonly #replayed = new Map<number, ReplayedStep>();

  /** @param steps of the ledger that were done by the configuration of the replay, in its order */
  constructor(steps: readonly RecordedStep[]) {
    for (const recorded of steps.filter(hasResult)) {
      const key = keyOf(recorded);
      this.#recorded.set(key, [...this.#recorded.get(key) ?? [], recorded]);
    }
  }

  /** Whether a step of the ledger has been compared. */
  has({ intent }: RecordedStep): boolean {
    return this.#replayed.has(intent);
  }

  /** Runs a step and compares.
   * @throws {Error} when the run has no such step with a result: the code has changed since, or the step failed then
   * @throws whatever the step fails with */
  async record<R>(step: AuditedStep<R>): Promise<R> {
    const recordedSteps = this.#recorded.get(keyOf(step));
    if (recordedSteps === undefined) {
      throw new Error(
        `Cannot replay ${step.step} ${canonicalJson(step.context)}: the ledger has no result of it`,
      );
    }
    const result = await step.run();
    const { inputs } = step;
    const outputs = step.outputs(result);
    const replayed = canonicalJson([inputs, outputs]);
    for (const recorded of recordedSteps) {
      const isSame = replayed === canonicalJson([recorded.inputs, recorded.outputs]);
      this.#replayed.set(recorded.intent, { recorded, isSame, inputs, outputs });
    }
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
