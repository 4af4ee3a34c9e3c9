/** What the tests of faults run on workers. */
import { delay } from "@std/async/delay";

/** What a task says of itself. */
export interface Stamp {
  readonly square: number;
  /** Another one at every execution: of several executions one alone may become the task's result. */
  readonly nonce: string;
}

/** Takes its time, and squares a number. */
export async function stamp(n: number, ms: number): Promise<Stamp> {
  await delay(ms);
  return { square: n * n, nonce: crypto.randomUUID() };
}
