import type { DatabaseSync } from "node:sqlite";
import { transact } from "./transact.ts";
import type { TaskRecord, TaskSpec } from "../scheduler/types.ts";

/** The table that {@linkcode PayloadPages} needs. */
export const PAGES_SCHEMA = `
CREATE TABLE pages (page INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
`;

/** A page is closed once it holds so much. */
const PAGE_BYTES = 512 * 1024;
/** Pages that are kept in memory: the ones that were asked for last. */
const CACHED_PAGES = 16;
/** What waiting tasks may take in memory by their payloads, about; those that come when it is more are paged. */
const MEMORY_BYTES = 64 * 1024 * 1024;
/** What a payload takes beside its bytes. */
const OVERHEAD_BYTES = 500;

/** Where a payload lies: page, offset and length in bytes. */
export type PagePlace = readonly [page: number, offset: number, sizeBytes: number];

/** A task whose payload lies on the disk: everything else is as it was. The payload is read when it is asked for. */
export class PagedSpec implements TaskSpec, Record<keyof TaskSpec, unknown> {
  readonly taskId: string;
  readonly clientId: string;
  readonly name: string;
  readonly dependencies: TaskSpec["dependencies"];
  readonly objects: TaskSpec["objects"];
  readonly resources: TaskSpec["resources"];
  readonly priority: number;
  readonly retry: TaskSpec["retry"];
  readonly runTimeoutMs: number;
  readonly rules: TaskSpec["rules"];
  readonly parent: TaskSpec["parent"];
  readonly actor: TaskSpec["actor"];
  readonly #pages: PayloadPages;
  // Three numbers and no list: a million lists would take what the payloads do.
  readonly #page: number;
  readonly #offset: number;
  readonly #sizeBytes: number;

  // Field by field: an object that is filled by a loop takes twice the memory.
  constructor(rest: Omit<TaskSpec, "payload">, pages: PayloadPages, place: PagePlace) {
    this.taskId = rest.taskId;
    this.clientId = rest.clientId;
    this.name = rest.name;
    this.dependencies = rest.dependencies;
    this.objects = rest.objects;
    this.resources = rest.resources;
    this.priority = rest.priority;
    this.retry = rest.retry;
    this.runTimeoutMs = rest.runTimeoutMs;
    this.rules = rest.rules;
    this.parent = rest.parent;
    this.actor = rest.actor;
    this.#pages = pages;
    [this.#page, this.#offset, this.#sizeBytes] = place;
  }

  /** Reads it. */
  get payload(): Uint8Array {
    return this.#pages.read(this.place);
  }

  /** Where it lies. */
  get place(): PagePlace {
    return [this.#page, this.#offset, this.#sizeBytes];
  }
}

/** Payloads of tasks that wait far from the front: many of them in one row of SQLite, in the order of their submission,
 * which is that in which they are wanted. A page goes once none of its tasks is known any more. */
export class PayloadPages {
  readonly #database: DatabaseSync;
  readonly #insert;
  readonly #select;
  readonly #remove;
  readonly #pages = new Set<number>();
  /** The one that was asked for last is the last. */
  readonly #cache = new Map<number, Uint8Array>();
  #lastSweep = { pages: 0, tasks: 0 };

  /** @param database with the table of {@linkcode PAGES_SCHEMA} */
  constructor(database: DatabaseSync) {
    this.#insert = database.prepare("INSERT INTO pages (bytes) VALUES (?)");
    this.#select = database.prepare("SELECT bytes FROM pages WHERE page = ?");
    this.#remove = database.prepare("DELETE FROM pages WHERE page = ?");
    this.#database = database;
    this.#listPages();
  }

  /** Whether a task that is new is to be paged: it is not about to start, and there are many others.
   * @param taskCount tasks that are known; taken to be like this one */
  isFar({ state, spec }: TaskRecord, taskCount: number): boolean {
    if (state !== "ready" && state !== "waiting") return false;
    if (spec instanceof PagedSpec) return false;
    return taskCount * (spec.payload.byteLength + OVERHEAD_BYTES) > MEMORY_BYTES;
  }

  /** Does work that writes and sweeps pages in a transaction: all of it, or nothing, also here.
   * @param records whose payloads may be written by it
   * @throws whatever the work throws */
  transact<R>(records: readonly TaskRecord[], work: () => R): R {
    const specs = records.map(({ spec }) => spec);
    const lastSweep = this.#lastSweep;
    try {
      return transact(this.#database, work);
    } catch (error) {
      records.forEach((record, k) => record.spec = specs[k]);
      this.#lastSweep = lastSweep;
      this.#cache.clear();
      this.#listPages();
      throw error;
    }
  }

  /** Writes the payloads of tasks, and lets go of them; within {@linkcode transact}. */
  write(records: readonly TaskRecord[]): void {
    for (let first = 0; first < records.length;) {
      let sizeBytes = 0;
      let end = first;
      while (end < records.length && (end === first || sizeBytes < PAGE_BYTES)) {
        sizeBytes += records[end++].spec.payload.byteLength;
      }
      this.#writePage(records.slice(first, end), sizeBytes);
      first = end;
    }
  }

  /** The payload at a place; a view of a whole page, for the moment.
   * @throws {Error} when the page is not there: the store is damaged */
  read([page, offset, sizeBytes]: PagePlace): Uint8Array {
    let bytes = this.#cache.get(page);
    if (bytes === undefined) {
      bytes = this.#select.get(page)?.bytes as Uint8Array | undefined;
      if (bytes === undefined) throw new Error(`Cannot read a task: page ${page} is not stored`);
      if (this.#cache.size >= CACHED_PAGES) {
        this.#cache.delete(this.#cache.keys().next().value ?? 0);
      }
    } else this.#cache.delete(page);
    this.#cache.set(page, bytes);
    return bytes.subarray(offset, offset + sizeBytes);
  }

  /** Whether a sweep is worth its time: since the last one pages have doubled, or half of the tasks are gone. */
  isDueForSweep(taskCount: number): boolean {
    const { pages, tasks } = this.#lastSweep;
    if (this.#pages.size === 0) return false;
    return this.#pages.size > 2 * pages + CACHED_PAGES || taskCount < tasks / 2;
  }

  /** Removes the pages that none of the tasks needs. */
  sweep(tasks: ReadonlyMap<string, { readonly record: TaskRecord }>): void {
    const needed = new Set<number>();
    for (const { record: { spec } } of tasks.values()) {
      if (spec instanceof PagedSpec) needed.add(spec.place[0]);
    }
    for (const page of this.#pages) {
      if (needed.has(page)) continue;
      this.#remove.run(page);
      this.#pages.delete(page);
      this.#cache.delete(page);
    }
    this.#lastSweep = { pages: this.#pages.size, tasks: tasks.size };
  }

  #listPages(): void {
    this.#pages.clear();
    for (const { page } of this.#database.prepare("SELECT page FROM pages").all()) {
      this.#pages.add(Number(page));
    }
  }

  #writePage(records: readonly TaskRecord[], sizeBytes: number): void {
    const bytes = new Uint8Array(sizeBytes);
    const offsets: number[] = [];
    let offset = 0;
    for (const { spec: { payload } } of records) {
      offsets.push(offset);
      bytes.set(payload, offset);
      offset += payload.byteLength;
    }
    const page = Number(this.#insert.run(bytes).lastInsertRowid);
    this.#pages.add(page);
    records.forEach((record, i) => {
      const { spec } = record;
      record.spec = new PagedSpec(spec, this, [page, offsets[i], spec.payload.byteLength]);
    });
  }
}
