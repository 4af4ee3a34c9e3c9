import type { Clock } from "../base/clock.ts";
import type { FlowEvent } from "../flow/mod.ts";
import type { ProductionEvent, Stage } from "./production_event.ts";

/** The stage whose progress the runs of a task are. */
const STAGE_OF_TASK: Readonly<Record<string, Stage>> = {
  "select-window": "selection",
  "cluster-window": "clustering",
  "optimise-window": "optimise",
  "backtest-candidate": "backtest",
  "train-split": "cross-validation",
  "test-paths": "cross-validation",
};

interface Count {
  total: number;
  started: number;
  ended: number;
  cached: number;
}

/** Times the stages of a run and tells how far they are. */
export class StageClock {
  /** How long each finished stage took. */
  readonly durationsMs: Partial<Record<Stage, number>> = {};
  readonly #clock: Clock;
  readonly #onEvent: (event: ProductionEvent) => void;
  readonly #counts = new Map<Stage, Count>();

  constructor(clock: Clock, onEvent: (event: ProductionEvent) => void) {
    this.#clock = clock;
    this.#onEvent = onEvent;
  }

  /** Runs a stage.
   * @param total of its tasks, where it has tasks that are counted
   * @param describe says what came of it */
  async run<R>(
    stage: Stage,
    total: number | undefined,
    work: () => R | Promise<R>,
    describe: (result: R) => string,
  ): Promise<R> {
    const startedAtMs = this.#clock.nowMs();
    if (total !== undefined) this.#counts.set(stage, { total, started: 0, ended: 0, cached: 0 });
    this.#onEvent({ type: "StageStarted", stage, ...(total === undefined ? {} : { total }) });
    const result = await work();
    const durationMs = this.#clock.nowMs() - startedAtMs;
    this.durationsMs[stage] = durationMs;
    this.#onEvent({ type: "StageFinished", stage, detail: describe(result), durationMs });
    return result;
  }

  /** Counts a task run of the flow. */
  count(event: FlowEvent): void {
    if (!("task" in event)) return;
    const stage = STAGE_OF_TASK[event.task];
    const count = stage === undefined ? undefined : this.#counts.get(stage);
    if (stage === undefined || count === undefined) return;
    switch (event.type) {
      case "TaskRunStarted":
        // A later attempt is no new task.
        if (event.attempt > 1) return;
        count.started++;
        break;
      case "TaskRunCached":
        count.started++;
        count.ended++;
        count.cached++;
        break;
      case "TaskRunFinished":
        count.ended++;
        break;
      default:
        return;
    }
    const { total, started, ended, cached } = count;
    this.#onEvent({
      type: "StageAdvanced",
      stage,
      done: ended,
      total,
      running: started - ended,
      cached,
    });
  }
}
