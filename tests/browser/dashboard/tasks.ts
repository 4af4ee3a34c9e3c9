import { taskContext } from "../../../cluster/client/mod.ts";

const POLL_MS = 20;

/** Writes a line with each number that the file holds, until it holds "end". */
export async function echo(path: string): Promise<void> {
  let last = "";
  while (last !== "end") {
    taskContext().signal.throwIfAborted();
    const text = await Deno.readTextFile(path).catch(() => "");
    if (text !== last) Deno.stdout.writeSync(new TextEncoder().encode(`heard ${text}\n`));
    last = text;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Fails with a reason of its own. */
export function fail(window: number): never {
  throw new RangeError(`Cannot fit window ${window}: covariance is singular`);
}
