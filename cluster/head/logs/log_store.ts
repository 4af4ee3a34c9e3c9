import type { LogLine, StoredLine } from "../../protocol/log_line.ts";
import { LogFiles } from "./log_files.ts";
import { isWanted } from "./log_filter.ts";
import type { LogFilter } from "./log_filter.ts";

/** Lines that are kept in memory for those who follow. */
const MAX_RECENT = 10_000;
/** Lines that are given at once. */
const MAX_LINES = 10_000;
/** Nodes whose count is remembered; the oldest fall out. */
const MAX_NODES = 10_000;

/** The log of a cluster: numbered, stored in bounded files, the newest lines also in memory. */
export class LogStore {
  readonly #files: LogFiles;
  readonly #recent: StoredLine[] = [];
  /** The last line of each node, by the node's own count. */
  readonly #lastLines = new Map<string, number>();
  readonly #listeners = new Set<(lines: readonly LogLine[]) => void>();
  #lastSeq = 0;
  #onNews = Promise.withResolvers<void>();

  /** Goes on where the files of the folder end. */
  constructor(folder: string) {
    this.#files = new LogFiles(folder);
    for (const { seq, node, line } of this.#files.tails()) {
      this.#lastSeq = Math.max(this.#lastSeq, seq);
      this.#lastLines.set(node, Math.max(this.#lastLines.get(node) ?? 0, line));
    }
  }

  /** The number of the last line. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Resolves with the next line. */
  get news(): Promise<void> {
    return this.#onNews.promise;
  }

  /** Tells of further lines as they come.
   * @returns what ends that */
  onLines(listener: (lines: readonly LogLine[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes lines of a node in their order; those that it has are left out. */
  append(lines: readonly LogLine[]): void {
    const stored = lines.filter(({ node, line }) => {
      if (line <= (this.#lastLines.get(node) ?? 0)) return false;
      this.#lastLines.set(node, line);
      return true;
    }).map((line) => ({ ...line, seq: ++this.#lastSeq }));
    if (stored.length === 0) return;
    for (const oldest of this.#lastLines.keys()) {
      if (this.#lastLines.size <= MAX_NODES) break;
      this.#lastLines.delete(oldest);
    }
    this.#files.append(stored);
    this.#recent.push(...stored);
    if (this.#recent.length > 2 * MAX_RECENT) {
      this.#recent.splice(0, this.#recent.length - MAX_RECENT);
    }
    for (const listener of this.#listeners) listener(stored);
    this.#onNews.resolve();
    this.#onNews = Promise.withResolvers<void>();
  }

  /** Takes what the head itself has to say. */
  notice(text: string): void {
    const line = (this.#lastLines.get("head") ?? 0) + 1;
    this.append([{ stream: "notice", time: new Date().toISOString(), node: "head", line, text }]);
  }

  /** The wanted lines after a number, in their order.
   * @param limit of more, which: the newest, or the oldest, so that asking again with the cursor leaves none out
   * @returns the lines, and the number up to which the rest is not wanted */
  async after(
    seq: number,
    filter: LogFilter,
    limit: "newest" | "oldest",
  ): Promise<{ readonly lines: readonly StoredLine[]; readonly cursor: number }> {
    const end = this.#lastSeq;
    if (seq >= end) return { lines: [], cursor: end };
    const first = this.#recent[0]?.seq ?? Infinity;
    const found = first <= seq + 1
      ? this.#recent.filter((line) => line.seq > seq && isWanted(line, filter))
      : await this.#read(seq, end, filter, limit);
    const lines = cut(found, limit);
    const isCut = limit === "oldest" && lines.length < found.length;
    return { lines, cursor: isCut ? lines[lines.length - 1].seq : end };
  }

  async #read(
    seq: number,
    end: number,
    filter: LogFilter,
    limit: "newest" | "oldest",
  ): Promise<StoredLine[]> {
    let found: StoredLine[] = [];
    for await (const lines of this.#files.lines(filter.run, filter.sinceMs ?? 0)) {
      for (const line of lines) {
        if (line.seq > seq && line.seq <= end && isWanted(line, filter)) found.push(line);
      }
      // One more than are given, so that it shows that there are more.
      if (found.length > 4 * MAX_LINES) found = cut(found.sort(bySeq), limit, MAX_LINES + 1);
    }
    return found.sort(bySeq);
  }
}

function bySeq(a: StoredLine, b: StoredLine): number {
  return a.seq - b.seq;
}

function cut(lines: StoredLine[], limit: "newest" | "oldest", count = MAX_LINES): StoredLine[] {
  return limit === "newest" ? lines.slice(-count) : lines.slice(0, count);
}
