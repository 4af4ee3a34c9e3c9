import type { ProductionEvent, Stage } from "../production_event.ts";
import type { ProductionPlan } from "../plan.ts";
import type { MetaEvent } from "./meta_event.ts";

/** Turns what the run of a sleeve tells, stage by stage, into the progress of one stage: the sleeve. */
export class SleeveProgress {
  readonly #stage: string;
  readonly #total: number;
  readonly #onEvent: (event: MetaEvent) => void;
  readonly #counts = new Map<Stage, { done: number; running: number; cached: number }>();

  constructor(stage: string, plan: ProductionPlan, onEvent: (event: MetaEvent) => void) {
    this.#stage = stage;
    const { selections, clusterings, optimisations, backtests, crossValidations } = plan;
    this.#total = selections + clusterings + optimisations + backtests + crossValidations;
    this.#onEvent = onEvent;
  }

  /** The run begins. */
  start(): void {
    this.#onEvent({ type: "StageStarted", stage: this.#stage, total: this.#total });
  }

  /** Takes an event of the run. */
  take(event: ProductionEvent): void {
    if (event.type !== "StageAdvanced") return;
    this.#counts.set(event.stage, event);
    let done = 0, running = 0, cached = 0;
    for (const count of this.#counts.values()) {
      done += count.done;
      running += count.running;
      cached += count.cached;
    }
    // The plan knows only the whole price file: the audit may leave fewer windows.
    const total = Math.max(this.#total, done);
    this.#onEvent({ type: "StageAdvanced", stage: this.#stage, done, total, running, cached });
  }
}
