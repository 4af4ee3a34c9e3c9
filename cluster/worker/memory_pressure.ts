import type { WorkerMessage } from "../protocol/messages.ts";

/** Below this share of available memory a node is under pressure: the system would soon end processes. */
const PRESSED_SHARE = 0.03;
/** From this share on it is not any more. Higher than the other, so that it does not go to and fro. */
const RECOVERED_SHARE = 0.06;

/** Whether the memory of a node is nearly used up, and whether its head knows. */
export class MemoryPressure {
  readonly #availableShare: () => number;
  #isUnderPressure = false;

  /** @param availableShare of the node's memory, 0 to 1 */
  constructor(availableShare: () => number) {
    this.#availableShare = availableShare;
  }

  /** Looks at the memory.
   * @returns what the head has to be told: nothing, unless it changed */
  news(): WorkerMessage[] {
    const isUnderPressure =
      this.#availableShare() < (this.#isUnderPressure ? RECOVERED_SHARE : PRESSED_SHARE);
    if (isUnderPressure === this.#isUnderPressure) return [];
    this.#isUnderPressure = isUnderPressure;
    return [{ type: "MemoryPressure", isUnderPressure }];
  }

  /** At a new connection the head knows of no pressure. */
  forget(): void {
    this.#isUnderPressure = false;
  }
}

/** The share of this machine's memory that new processes could have. */
export function availableMemoryShare(): number {
  const { available, total } = Deno.systemMemoryInfo();
  return available / total;
}
