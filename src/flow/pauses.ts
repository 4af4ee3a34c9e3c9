import type { FlowRun } from "./flow_run.ts";

/** Why a run is paused: somebody asked for it, or it waits for one approval or several. While there is a reason, its
 * state is Paused and nothing new starts; what runs goes on. */
export class Pauses {
  readonly #flowRun: FlowRun;
  readonly #reasons = new Map<string, string>();

  constructor(flowRun: FlowRun) {
    this.#flowRun = flowRun;
  }

  /** Pauses the run, stored first; one that is not running, for instance as it is being cancelled, stays as it is. */
  async hold(key: string, reason: string): Promise<void> {
    const { state, gate } = this.#flowRun;
    if (state !== "Running" && state !== "Paused") return;
    this.#reasons.set(key, reason);
    gate.close();
    if (state === "Running") await this.#flowRun.move("PauseRequested", reason);
  }

  /** Takes a reason away; without any the run goes on. */
  async letGo(key: string): Promise<void> {
    if (!this.#reasons.delete(key) || this.#reasons.size > 0) return;
    if (this.#flowRun.state === "Paused") await this.#flowRun.move("Unpaused", "");
    if (this.#reasons.size === 0) this.#flowRun.gate.open();
  }
}
