import { progressLine, type TaskProgress } from "../base/progress_line.ts";

/** A loop may tell each of its steps: what is sent is one line in this time, and the end. */
const EVERY_MS = 250;

/** In a task of the cluster: has those who watch see how far it is, while it runs. Its last progress comes with its
 * result, whatever was sent. */
export class LiveProgress {
  readonly #toldAtMs = new Map<string, number>();

  /** Writes it as a line of the task's output, unless one was just written. */
  tell(progress: TaskProgress): void {
    const nowMs = performance.now();
    const toldAtMs = this.#toldAtMs.get(progress.name) ?? -Infinity;
    if (progress.fraction < 1 && nowMs - toldAtMs < EVERY_MS) return;
    this.#toldAtMs.set(progress.name, nowMs);
    Deno.stdout.writeSync(new TextEncoder().encode(`${progressLine(progress)}\n`));
  }
}
