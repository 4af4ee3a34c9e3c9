import type { WaitingClock } from "../../base/waiting_clock.ts";

/** Lets through so many a second, and a few at once after a rest. Those who wait are let through in their order. */
export class TokenBucket {
  readonly #clock: WaitingClock;
  readonly #perMs: number;
  readonly #burst: number;
  #tokens: number;
  #filledAtMs: number;
  #closedUntilMs = 0;
  #turn: Promise<void> = Promise.resolve();

  /** @param perSecond above zero
   * @param burst most that go through at once, at least 1 */
  constructor(clock: WaitingClock, perSecond: number, burst: number) {
    this.#clock = clock;
    this.#perMs = perSecond / 1000;
    this.#burst = Math.max(1, burst);
    this.#tokens = this.#burst;
    this.#filledAtMs = clock.nowMs();
  }

  /** Resolves when it is one's turn.
   * @throws the signal's reason when it is aborted first */
  take(signal: AbortSignal): Promise<void> {
    const turn = this.#turn.then(() => this.#takeNext(signal));
    // Who gives up must not stop those behind.
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** Lets nobody through for a while: the other side has said so. */
  close(ms: number): void {
    this.#closedUntilMs = Math.max(this.#closedUntilMs, this.#clock.nowMs() + ms);
  }

  async #takeNext(signal: AbortSignal): Promise<void> {
    while (true) {
      signal.throwIfAborted();
      const nowMs = this.#clock.nowMs();
      this.#tokens = Math.min(
        this.#burst,
        this.#tokens + (nowMs - this.#filledAtMs) * this.#perMs,
      );
      this.#filledAtMs = nowMs;
      const closedMs = this.#closedUntilMs - nowMs;
      // What rounding leaves of a token is no reason to wait.
      const emptyMs = this.#tokens >= 1 - 1e-9 ? 0 : (1 - this.#tokens) / this.#perMs;
      const waitMs = Math.max(closedMs, emptyMs);
      if (waitMs <= 0) break;
      await this.#clock.sleep(Math.ceil(waitMs), signal);
    }
    this.#tokens -= 1;
  }
}
