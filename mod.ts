/** Tradewind: flows, a cluster of Deno workers, and windowed portfolio research, in one system.
 *
 * ```ts
 * import { flow, runLocal, task } from "tradewind";
 *
 * export const square = task("square", (x: number) => x * x, { run: "cluster", module: import.meta.url });
 *
 * const sumOfSquares = flow("sum-of-squares", async (n: number) => {
 *   const squares = await square.map(Array.from({ length: n }, (_, i) => i));
 *   return squares.reduce((sum, value) => sum + value, 0);
 * });
 *
 * if (import.meta.main) console.log(await runLocal(sumOfSquares, [1000], { workers: 2 }));
 * ```
 * @module */
export * from "./src/flow/mod.ts";
export { type LocalRunOptions, runLocal } from "./src/flow/run_local.ts";
export * from "./cluster/client/mod.ts";
export type { Clock } from "./src/base/clock.ts";
export { UserError } from "./src/base/errors.ts";
