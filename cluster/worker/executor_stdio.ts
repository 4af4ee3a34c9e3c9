import type { AttemptId } from "../scheduler/types.ts";
import { endMark } from "./output/marked_text.ts";

let hasWritten = false;

/** In an executor: notices from now on when code writes to standard output or error, by the console or by Deno. What
 * native code writes goes unnoticed, and is taken for the output of whatever runs when the daemon reads it. */
export function watchOutput(): void {
  const write = console as unknown as Record<string, (...values: unknown[]) => void>;
  for (const [name, method] of Object.entries(write)) {
    if (typeof method !== "function") continue;
    write[name] = (...values) => {
      hasWritten = true;
      method(...values);
    };
  }
  for (const stream of [Deno.stdout, Deno.stderr]) {
    const { write, writeSync } = stream;
    const { writable } = stream;
    Object.defineProperties(stream, {
      write: { value: (bytes: Uint8Array) => (hasWritten = true, write.call(stream, bytes)) },
      writeSync: {
        value: (bytes: Uint8Array) => (hasWritten = true, writeSync.call(stream, bytes)),
      },
      writable: { get: () => (hasWritten = true, writable) },
    });
  }
}

/** Marks the end of an attempt's output on both streams, if it wrote any.
 * @returns whether it did */
export function endOutput(attemptId: AttemptId): boolean {
  if (!hasWritten) return false;
  const mark = new TextEncoder().encode(endMark(attemptId));
  Deno.stdout.writeSync(mark);
  Deno.stderr.writeSync(mark);
  hasWritten = false;
  return true;
}
