import { setImmediate } from "node:timers";
import { writeUnlessFull } from "../../../src/base/full_disk.ts";
import { RotatingFile } from "../../../src/base/rotating_file.ts";
import type { StoredLine } from "../../protocol/log_line.ts";

/** A run's lines of a day: so many bytes, and as many older ones. */
const MAX_FILE_BYTES = 8 * 1024 * 1024;
const MAX_OLD_FILES = 1;
/** All files together; the oldest go. */
const MAX_TOTAL_BYTES = 512 * 1024 * 1024;
const MAX_FILES = 2_000;
/** Files whose size is remembered. */
const MAX_OPEN = 200;
/** What is read of each file at a start. */
const TAIL_BYTES = 256 * 1024;
/** Lines that are read in one go; then others have their turn. */
const LINES_PER_TURN = 2_000;

/** Where lines that belong to no run go. */
const NO_RUN = "cluster";

/** The log of a head on disk: `DAY/RUN.jsonl`, each file bounded, all of them too. Days are UTC. */
export class LogFiles {
  readonly #folder: string;
  /** The one that was written last is last. */
  readonly #open = new Map<string, RotatingFile>();

  constructor(folder: string) {
    this.#folder = folder;
    Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#prune();
  }

  /** Writes lines in their order. While the disk is full they are lost: the head has more important things to keep. */
  append(lines: readonly StoredLine[]): void {
    const texts = new Map<string, string>();
    for (const line of lines) {
      const path = this.#pathOf(line);
      texts.set(path, `${texts.get(path) ?? ""}${JSON.stringify(line)}\n`);
    }
    for (const [path, text] of texts) writeUnlessFull(() => this.#fileAt(path).append(text));
  }

  /** The last lines of every file of the newest day: what a head has to know at its start. */
  tails(): StoredLine[] {
    const newest = this.#days().at(-1);
    if (newest === undefined) return [];
    return this.#filesOf(newest).flatMap((path) => parseLines(readTail(path)));
  }

  /** All lines of a run, or of all runs, from a time on, file by file; not in the order of `seq`.
   * @param run undefined: all */
  async *lines(run: string | undefined, sinceMs: number): AsyncGenerator<StoredLine[]> {
    const firstDay = sinceMs > 0 ? new Date(sinceMs).toISOString().slice(0, 10) : "";
    for (const day of this.#days().filter((name) => name >= firstDay)) {
      for (const path of this.#filesOf(day)) {
        if (run !== undefined && !path.includes(`/${fileName(run)}.jsonl`)) continue;
        const texts = (await Deno.readTextFile(path).catch(() => "")).split("\n");
        for (let at = 0; at < texts.length; at += LINES_PER_TURN) {
          yield parseLines(texts.slice(at, at + LINES_PER_TURN));
          await new Promise<void>((resolve) => setImmediate(resolve));
        }
      }
    }
  }

  #pathOf(line: StoredLine): string {
    const run = line.stream === "notice" || line.run === "" ? NO_RUN : line.run;
    return `${this.#folder}/${line.time.slice(0, 10)}/${fileName(run)}.jsonl`;
  }

  #fileAt(path: string): RotatingFile {
    let file = this.#open.get(path);
    if (file === undefined) {
      this.#prune();
      file = new RotatingFile(path, MAX_FILE_BYTES, MAX_OLD_FILES);
    }
    this.#open.delete(path);
    this.#open.set(path, file);
    for (const oldest of this.#open.keys()) {
      if (this.#open.size <= MAX_OPEN) break;
      this.#open.delete(oldest);
    }
    return file;
  }

  #days(): string[] {
    return [...Deno.readDirSync(this.#folder)].map(({ name }) => name)
      .filter((name) => /^\d{4}-\d\d-\d\d$/.test(name)).sort();
  }

  /** Those of a run from the oldest on. */
  #filesOf(day: string): string[] {
    return [...Deno.readDirSync(`${this.#folder}/${day}`)].map(({ name }) => name).sort().reverse()
      .map((name) => `${this.#folder}/${day}/${name}`);
  }

  /** Removes the oldest files until the rest is within the limits. */
  #prune(): void {
    const files = this.#days().flatMap((day) => this.#filesOf(day)).map((path) => {
      const { size, mtime } = Deno.statSync(path);
      return { path, size, changedAtMs: mtime?.getTime() ?? 0 };
    }).sort((a, b) => a.changedAtMs - b.changedAtMs);
    let totalBytes = files.reduce((sum, { size }) => sum + size, 0);
    for (let i = 0; i < files.length; i++) {
      if (totalBytes <= MAX_TOTAL_BYTES && files.length - i <= MAX_FILES) return;
      Deno.removeSync(files[i].path);
      this.#open.delete(files[i].path);
      totalBytes -= files[i].size;
    }
  }
}

/** A run's id as the name of a file: other characters than letters, digits, `_`, `.` and `-` become `_`. */
function fileName(run: string): string {
  return run.replaceAll(/[^A-Za-z0-9_.-]/g, "_").replace(/^\./, "_");
}

function readTail(path: string): string[] {
  using file = Deno.openSync(path, { read: true });
  const { size } = file.statSync();
  file.seekSync(Math.max(0, size - TAIL_BYTES), Deno.SeekMode.Start);
  const bytes = new Uint8Array(Math.min(size, TAIL_BYTES));
  const read = file.readSync(bytes) ?? 0;
  return new TextDecoder().decode(bytes.subarray(0, read)).split("\n");
}

/** A line that a kill cut is no JSON, and counts as never written. */
function parseLines(texts: readonly string[]): StoredLine[] {
  return texts.flatMap((text) => {
    if (text === "") return [];
    try {
      return [JSON.parse(text) as StoredLine];
    } catch {
      return [];
    }
  });
}
