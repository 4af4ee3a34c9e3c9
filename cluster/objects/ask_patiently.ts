/** How long whoever asks a head goes on while it is away. */
export interface Patience {
  readonly patienceMs: number;
  /** Ends it sooner: nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
}

const FIRST_DELAY_MS = 50;
const MAX_DELAY_MS = 1_000;

/** Asks, and asks again with growing delays while nobody is there to answer: `fetch` throws a TypeError then.
 * @throws what `ask` threw at last, once patience is at its end · whatever else it throws, at once */
export async function askPatiently<T>(
  { patienceMs, signal }: Patience,
  ask: () => Promise<T>,
): Promise<T> {
  const endMs = performance.now() + patienceMs;
  for (let delayMs = FIRST_DELAY_MS;; delayMs = Math.min(MAX_DELAY_MS, 2 * delayMs)) {
    try {
      return await ask();
    } catch (error) {
      const isAway = error instanceof TypeError;
      if (!isAway || signal?.aborted || performance.now() + delayMs > endMs) throw error;
    }
    await pause(delayMs, signal);
  }
}

function pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, delayMs);
    signal?.addEventListener("abort", end);
  });
}
