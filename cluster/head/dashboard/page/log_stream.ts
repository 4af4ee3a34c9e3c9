import type { StoredLine } from "../../../protocol/log_line.ts";

/** Which lines are wanted; empty: all. */
export interface LogScope {
  readonly run?: string;
  readonly task?: string;
  readonly node?: string;
}

const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 5_000;

/** Follows the log of the head: the newest lines, then every further one; goes on where it was when the head was away.
 * @param onLines hears of lines in their order
 * @param onState hears whether it follows
 * @param signal ends it */
export async function followLog(
  scope: LogScope,
  onLines: (lines: readonly StoredLine[]) => void,
  onState: (isFollowing: boolean) => void,
  signal: AbortSignal,
): Promise<void> {
  let cursor: number | undefined;
  let delayMs = FIRST_DELAY_MS;
  while (!signal.aborted) {
    try {
      const query = new URLSearchParams({ ...scope });
      if (cursor !== undefined) query.set("after", String(cursor));
      const answer = await fetch(`/api/v1/logs?${query}`, { signal });
      if (answer.ok && answer.body !== null) {
        onState(true);
        delayMs = FIRST_DELAY_MS;
        for await (const items of readLines(answer.body)) {
          const lines = items.filter((item): item is StoredLine => "seq" in item);
          if (lines.length > 0) onLines(lines);
          const last = items.findLast((item) => "cursor" in item);
          if (last !== undefined) cursor = (last as { readonly cursor: number }).cursor;
        }
      }
    } catch {
      // The head is away, or the page is left: the loop sees which.
    }
    if (signal.aborted) return;
    onState(false);
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    delayMs = Math.min(2 * delayMs, MAX_DELAY_MS);
  }
}

type LogItem = StoredLine | { readonly cursor: number };

/** The items of a stream of JSON lines, as many at a time as arrive together. */
async function* readLines(body: ReadableStream<Uint8Array>): AsyncGenerator<LogItem[]> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  while (true) {
    const { done, value } = await reader.read();
    if (done) return;
    const parts = (rest + decoder.decode(value, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    yield parts.filter((part) => part !== "").map((part) => JSON.parse(part) as LogItem);
  }
}
