import { AsyncLocalStorage } from "node:async_hooks";
import type { Json } from "../base/canonical_json.ts";
import { errorMessage } from "../base/errors.ts";
import type { FlowEvent } from "../flow/mod.ts";
import type { Ledger } from "../ledger/mod.ts";

/** What of a step goes into the ledger. */
export interface AuditedStep<R> {
  /** The kind of step, for instance `optimise`. */
  readonly step: string;
  /** Which one: window, engine, profile, simulator, dates. */
  readonly context: Readonly<Record<string, Json>>;
  /** Hashes of what it reads. */
  readonly inputs: Readonly<Record<string, Json>>;
  readonly run: () => R | Promise<R>;
  /** Hashes of what it made, and for an optimisation its weights. */
  readonly outputs: (result: R) => Readonly<Record<string, Json>>;
}

/** Writes the ledger of a run: an intent before each step, an outcome after it, however it ends. */
export class AuditTrail {
  readonly #ledger: Ledger;
  /** Of the step that the code now running belongs to: its tasks that were computed, and those that were not. */
  readonly #tasks = new AsyncLocalStorage<{ computed: number; cached: number }>();
  /** Whatever a step has failed with: the flow then cancels the other steps, with the same error as the reason. */
  readonly #failures = new WeakSet<Error>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** The hash of the newest record. */
  get headHash(): string {
    return this.#ledger.headHash;
  }

  /** Notes where the results of a step come from. To be called for each event of the flow, as it is emitted. */
  note(event: FlowEvent): void {
    const tasks = this.#tasks.getStore();
    if (tasks === undefined) return;
    if (event.type === "TaskRunCached") tasks.cached++;
    else if (event.type === "TaskRunFinished") tasks.computed++;
  }

  /** Runs a step between its two records. One whose tasks were all in the cache has the status `cached`. */
  async record<R>(step: AuditedStep<R>): Promise<R> {
    const intent = this.#ledger.intent(step.step, step.context, step.inputs);
    const tasks = { computed: 0, cached: 0 };
    try {
      const result = await this.#tasks.run(tasks, () => step.run());
      const status = tasks.cached > 0 && tasks.computed === 0 ? "cached" : "completed";
      this.#ledger.outcome(intent, { status, outputs: step.outputs(result) });
      return result;
    } catch (error) {
      const status = this.#isCancellation(error) ? "cancelled" : "failed";
      this.#ledger.outcome(intent, { status, outputs: { error: errorMessage(error) } });
      throw error;
    }
  }

  #isCancellation(error: unknown): boolean {
    if (!(error instanceof Error)) return false;
    if (/Cancelled|Abort/.test(error.name) || this.#failures.has(error)) return true;
    this.#failures.add(error);
    return false;
  }
}
