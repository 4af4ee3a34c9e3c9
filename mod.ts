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
 *
 * Without a flow, tasks go to a cluster one by one, many at a time, or give their items as they come; and a task may
 * submit tasks itself:
 *
 * ```ts
 * import { currentClient, remote, startEmbeddedCluster } from "tradewind";
 *
 * export function square(x: number): number {
 *   return x * x;
 * }
 *
 * export function* countTo(n: number): Generator<number> {
 *   for (let i = 1; i <= n; i++) yield i;
 * }
 *
 * export async function sumOfSquares(n: number): Promise<number> {
 *   let sum = 0;
 *   const client = currentClient();
 *   for await (const x of client.map(remote(import.meta.url, square), countTo(n))) sum += x;
 *   return sum;
 * }
 *
 * if (import.meta.main) {
 *   await using cluster = await startEmbeddedCluster({ workers: 2, logDir: "logs" });
 *   const { client } = cluster;
 *   console.log(await client.submit(remote(import.meta.url, sumOfSquares), [10]).result);
 *   for await (const i of client.stream(remote(import.meta.url, countTo), [3])) console.log(i);
 * }
 * ```
 * @module */
export * from "./src/flow/mod.ts";
export { type LocalRunOptions, runLocal } from "./src/flow/run_local.ts";
export * from "./cluster/client/mod.ts";
export type { Clock } from "./src/base/clock.ts";
export { UserError } from "./src/base/errors.ts";
