// deno-lint-ignore-file no-console -- what tasks print is what is tested
/** Functions that the tests of isolation run on workers: they do what they should not. */
import { delay } from "@std/async/delay";

/** Fills V8's heap. */
export function fillHeap(): number {
  const kept: object[] = [];
  while (true) for (let i = 0; i < 1_000; i++) kept.push({ i, twin: [i] });
}

/** Takes memory outside of V8's heap, a little at a time, and then waits. */
export async function fillBuffers(mebibytes: number): Promise<number> {
  const kept: Uint8Array[] = [];
  for (let i = 0; i < mebibytes / 16; i++) {
    kept.push(new Uint8Array(16 * 2 ** 20).fill(1));
    await delay(5);
  }
  await delay(600);
  return kept.length;
}

/** Fills the heap in the first process that runs it, and answers in the next. */
export function fillHeapOnce(flag: string): string {
  try {
    Deno.writeTextFileSync(flag, "", { createNew: true });
  } catch {
    return "second";
  }
  return String(fillHeap());
}

/** Keeps memory in its process after its end. */
export function hoard(mebibytes: number): number {
  hoarded.push(new Uint8Array(mebibytes * 2 ** 20).fill(1));
  return Deno.pid;
}

const hoarded: Uint8Array[] = [];

/** In which process it runs. */
export function pid(): number {
  return Deno.pid;
}

/** Ends in native code. */
export function abort(): never {
  const libc = Deno.dlopen("libc.so.6", { abort: { parameters: [], result: "void" } });
  libc.symbols.abort();
  throw new Error("still here");
}

/** Writes to where nothing is. */
export function segfault(): never {
  const libc = Deno.dlopen("libc.so.6", {
    memset: { parameters: ["pointer", "i32", "usize"], result: "void" },
  });
  libc.symbols.memset(Deno.UnsafePointer.create(8n), 1, 8n);
  throw new Error("still here");
}

/** Ends its process. */
export function exit(code: number): never {
  Deno.exit(code);
}

/** Leaves a promise alone that fails. */
export async function rejectUnseen(): Promise<void> {
  Promise.reject(new RangeError("nobody looks at this"));
  await delay(10_000);
}

/** Never gives way. */
export function spin(): never {
  while (true);
}

/** Writes to both streams, in several ways. */
export async function write(text: string): Promise<void> {
  console.log(`log ${text}`);
  console.error(`error ${text}`);
  await Deno.stdout.write(new TextEncoder().encode(`stdout ${text}`));
}

/** Writes without Deno. */
export function writeNatively(text: string): void {
  const libc = Deno.dlopen("libc.so.6", {
    write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  });
  const bytes = new TextEncoder().encode(text);
  libc.symbols.write(1, bytes, BigInt(bytes.length));
}

/** Prints lines, each with its number. */
export function flood(lines: number): number {
  for (let i = 0; i < lines; i++) console.log(`line ${i} ${"x".repeat(90)}`);
  return lines;
}

/** Prints and throws a variable's value, in pieces. */
export async function tell(variable: string): Promise<never> {
  const value = Deno.env.get(variable) ?? "";
  const bytes = new TextEncoder().encode(`it is ${value}.\n`);
  for (const byte of bytes) {
    Deno.stdout.writeSync(new Uint8Array([byte]));
    await delay(1);
  }
  throw Object.assign(new Error(`the value is ${value}`), { value });
}

/** Waits for a file. */
export async function untilExists(path: string): Promise<boolean> {
  while (true) {
    try {
      await Deno.stat(path);
      return true;
    } catch {
      await delay(20);
    }
  }
}

/** Asks a server. */
export async function ask(url: string): Promise<string> {
  return await (await fetch(url)).text();
}

/** Reads a file. */
export function readFile(path: string): string {
  return Deno.readTextFileSync(path);
}
