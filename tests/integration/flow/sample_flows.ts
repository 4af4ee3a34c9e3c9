// Flows that flow_command_test.ts deploys and runs.
import { approval, artifact, flow, runLog, task } from "../../../mod.ts";

const module = import.meta.url;

/** A task of the cluster. */
export const square = task("square", (x: number) => x * x, { run: "cluster", module });

/** Adds squares, and says so. */
export const sumOfSquares = flow("sum-of-squares", async ({ n }: { n: number }) => {
  runLog(`squares up to ${n}`);
  const squares = await square.map(Array.from({ length: n }, (_, i) => i));
  artifact.table("squares", squares.map((value, i) => ({ i, value })));
  return squares.reduce((sum, value) => sum + value, 0);
});

const noteDone = task("note-done", async (path: string, step: number) => {
  await Deno.writeTextFile(path, `${step}\n`, { append: true });
  return step;
}, { run: "local", module });

/** Notes two steps in a file, and hangs before the second one while a file "hang" lies beside it. */
export const steps = flow("steps", async (path: string) => {
  await noteDone(path, 1);
  while (await exists(`${path}.hang`)) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await noteDone(path, 2);
});

/** Takes notice of nothing while the file is there. */
export const deaf = flow("deaf", async (path: string) => {
  await noteDone(`${path}.begun`, 1);
  const cell = new Int32Array(new SharedArrayBuffer(4));
  while (await exists(path)) for (let i = 0; i < 1000; i++) Atomics.wait(cell, 0, 0, 100);
});

/** Asks before it ends. */
export const asks = flow("asks", () => approval("go", { prompt: "Go on?" }));

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
