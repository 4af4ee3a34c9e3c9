/** Generators that the tests of streams run on workers. */
import { delay } from "@std/async/delay";
import { currentClient, remote, taskContext } from "../../../cluster/client/mod.ts";

/** Counts to n, synchronously. */
export function* count(n: number): Generator<number> {
  for (let i = 0; i < n; i++) yield i;
}

/** Counts, and notes in a file how far it came, and that it was closed. */
export async function* countInto(n: number, path: string): AsyncGenerator<number> {
  try {
    for (let i = 0; i < n; i++) {
      await Deno.writeTextFile(path, String(i + 1));
      yield i;
    }
  } finally {
    await Deno.writeTextFile(`${path}.closed`, "");
  }
}

/** Arrays that are too large for messages. */
export async function* arrays(n: number): AsyncGenerator<Float64Array> {
  for (let i = 0; i < n; i++) {
    await delay(1);
    yield new Float64Array(50_000).fill(i);
  }
}

/** Gives items, then fails. */
export function* failAfter(n: number): Generator<number> {
  yield* count(n);
  throw new RangeError("no more of them");
}

/** Gives items, and ends its process when a file is there no more, which it removes. */
export async function* dieOnce(n: number, path: string): AsyncGenerator<number> {
  for (let i = 0; i < n; i++) {
    if (i === 5) {
      const isFirst = await Deno.remove(path).then(() => true, () => false);
      // The items before it arrive first.
      if (isFirst) await delay(300);
      if (isFirst) Deno.exit(9);
    }
    yield i;
  }
}

/** The same, but a second attempt goes on behind the items of the first. Each item says where its attempt began. */
export async function* goOnOnce(n: number, path: string): AsyncGenerator<[number, number]> {
  const begin = taskContext().itemsReceived;
  for (let i = begin; i < n; i++) {
    if (i === 5 && begin === 0) {
      await Deno.remove(path);
      await delay(300);
      Deno.exit(9);
    }
    yield [i, begin];
  }
}

/** Reads the items of another task. */
export async function sumOfStream(n: number): Promise<number> {
  let sum = 0;
  for await (const item of currentClient().stream(remote(import.meta.url, count), [n])) sum += item;
  return sum;
}

/** No generator. */
export function plain(): number {
  return 5;
}
