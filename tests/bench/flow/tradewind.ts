/** A flow of no-op tasks in Tradewind: the number of tasks, `kept` or `forgotten`, and the path of the store are its
 * arguments. Prints what was measured as a line of JSON. @module */
import { flow, openFlowStore, task } from "../../../src/flow/mod.ts";

let firstAtMs = 0;

function noop(i: number): number {
  firstAtMs ||= Date.now();
  return i;
}

const forgotten = task("forgotten", noop, { run: "local" });
const kept = task("kept", noop, { run: "local", module: import.meta.url });

const noops = flow("noops", async (count: number, isKept: boolean) => {
  const startMs = performance.now();
  const results = await (isKept ? kept : forgotten).map(Array.from({ length: count }, (_, i) => i));
  const total = results.reduce((sum, result) => sum + result, 0);
  if (total !== count * (count - 1) / 2) throw new Error(`The results sum to ${total}`);
  return performance.now() - startMs;
});

if (import.meta.main) {
  const [count, kind, path] = Deno.args as [string, string, string];
  using store = openFlowStore(path);
  const args: [number, boolean] = [Number(count), kind === "kept"];
  const wallMs = await noops.run(args, { store, runId: crypto.randomUUID() });
  // deno-lint-ignore no-console -- the bench reads this line
  console.log(JSON.stringify({ event: "Measured", wallMs, firstAtMs }));
}
