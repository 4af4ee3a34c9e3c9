/** Functions that the cluster's tests run on workers. */
import process from "node:process";
import { delay } from "@std/async/delay";

/** Adds. */
export function add(a: number, b: number): number {
  return a + b;
}

/** Sums. */
export function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

/** n ones: more than 100 KiB of them do not travel in a message. */
export function ones(n: number): Float64Array {
  return new Float64Array(n).fill(1);
}

/** All of them times a factor. */
export function scaled(values: Float64Array, factor: number): Float64Array {
  return values.map((value) => factor * value);
}

/** Throws, with a cause. */
export function fail(message: string): never {
  throw new RangeError(message, { cause: new Error("the deeper reason") });
}

/** Ends its process. */
export function exit(code: number): never {
  Deno.exit(code);
}

/** Ends its process when the number is a multiple of `every`, but for 0. */
export function exitOn(n: number, every: number): number {
  if (n > 0 && n % every === 0) Deno.exit(1);
  return n;
}

/** Never gives way. */
export function spin(): never {
  while (true);
}

/** Waits, then says in which process it ran. */
export async function pidAfter(ms: number): Promise<number> {
  await delay(ms);
  return Deno.pid;
}

/** The TV_* variables that it sees. */
export function environment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(Deno.env.toObject()).filter(([name]) => name.startsWith("TV_")),
  );
}

/** Writes where it may not. */
export function writeFile(path: string): void {
  Deno.writeTextFileSync(path, "x");
}

/** Writes into its argument. */
export function spoil(values: Float64Array): number {
  values[0]++;
  return values[0];
}

/** No function. */
export const notAFunction = 5;

/** Twice the number. */
export function double(n: number): number {
  return 2 * n;
}

/** Ends its process at 3. */
export function exitOnThree(n: number): number {
  return exitOn(n, 3);
}

/** An error with a code and a method. */
export class QuotaError extends Error {
  override readonly name = "QuotaError";
  readonly retry = () => {};

  constructor(readonly used: number, readonly limits: { soft: number; hard: number }) {
    super(`${used} is over ${limits.hard}`);
  }
}

/** Fails for two reasons, one of which has a reason of its own. */
export function failTwice(): never {
  const quota = new QuotaError(7, { soft: 3, hard: 5 });
  throw new AggregateError([new TypeError("first", { cause: quota }), "second"], "both failed", {
    cause: new Error("the outer cause"),
  });
}

/** Fails, caused by itself. */
export function failInCircles(): never {
  const error = new Error("round and round");
  error.cause = error;
  throw error;
}

/** Throws no Error. */
export function throwText(): never {
  throw "just a text";
}

/** Gives what has no encoding. */
export function giveFunction(): unknown {
  return { steps: [1, () => 2] };
}

/** What it finds of the environment, and its process; it leaves another environment behind. */
export function spoilEnvironment(): [pid: number, found: string] {
  const found = ["PATH", "TV_TEST_COLOUR", "TEST_SHAPE"].map((name) => Deno.env.get(name) ?? null);
  Deno.env.set("PATH", "/nowhere");
  Deno.env.delete("TV_TEST_COLOUR");
  process.env.TEST_SHAPE = "round";
  return [Deno.pid, JSON.stringify(found)];
}

/** A generator, which only a stream can give. */
export function* give(): Generator<number> {
  yield 1;
}
