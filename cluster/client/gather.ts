import type { TaskHandle } from "./types.ts";

/** The results of handles, in their places. */
export type GatheredResults<H extends readonly TaskHandle<unknown>[]> = {
  -readonly [K in keyof H]: H[K] extends TaskHandle<infer R> ? R : never;
};

/** The results of all tasks, in the order of their handles. Like `Promise.all`, but the first failure cancels the
 * others: nobody waits for them any more.
 * @throws the first failure */
export async function gatherResults<H extends readonly TaskHandle<unknown>[]>(
  handles: readonly [...H],
): Promise<GatheredResults<H>> {
  try {
    return await Promise.all(handles.map(({ result }) => result)) as GatheredResults<H>;
  } catch (error) {
    for (const { cancel } of handles) cancel();
    throw error;
  }
}
