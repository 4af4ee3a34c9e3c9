import { artifact, task } from "../../src/flow/mod.ts";

const module = import.meta.url;

/** Tasks that the fake cluster imports, as an executor would. */
export const square = task("square", (x: number) => x * x, { run: "cluster", module });

export const sumOf = task(
  "sum of",
  (values: Float64Array, offset: number) => values.reduce((sum, value) => sum + value, offset),
  { run: "cluster", module, priority: 3, resources: { cpus: 2 }, timeoutMs: 5000 },
);

export const alwaysFails = task("always-fails", (x: number): number => {
  throw new RangeError(`no result for ${x}`);
}, { run: "cluster", module, retries: 2 });

export const failsAtThree = task("fails at three", (x: number) => {
  if (x === 3) throw new RangeError("three");
  return x;
}, { run: "cluster", module, exportName: "failsAtThree", concurrency: 4 });

export const reports = task("reports", (x: number) => {
  artifact.table("numbers", [{ x, half: x / 2 }, { x: NaN, note: "none" }], { title: "Numbers" });
  artifact.progress("done", 0.5);
  artifact.progress("done", 1);
  return x;
}, { run: "cluster", module });
