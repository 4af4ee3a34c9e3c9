import { readBytesIfThere, removeIfThere } from "../../base/if_there.ts";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { join } from "@std/path";
import { writeFileAtomic } from "../../base/atomic_file.ts";
import { sha256Hex } from "../../base/hash.ts";
import type { BatchWriter } from "./batch_writer.ts";

/** A result's bytes, and their SHA-256. */
export interface CachedResult {
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/** Results up to this size are kept inside the database, larger ones in a file each. */
const INLINE_LIMIT_BYTES = 1_048_576;

/** A result as it was kept. */
export interface KeptResult extends CachedResult {
  /** Milliseconds since the Unix epoch. */
  readonly createdAtMs: number;
}

interface CacheRow {
  readonly created_at_ms: number;
  readonly sha256: string;
  readonly bytes: Uint8Array | null;
}

/** The results of tasks by their cache key. What was damaged on disk counts as missing. */
export class ResultCache {
  readonly #database: DatabaseSync;
  readonly #writer: BatchWriter;
  readonly #folder: string;
  readonly #select: StatementSync;
  readonly #insert: StatementSync;
  readonly #delete: StatementSync;

  /** @param folder where the large results are; made when the first one is written */
  constructor(database: DatabaseSync, writer: BatchWriter, folder: string) {
    this.#database = database;
    this.#writer = writer;
    this.#folder = folder;
    this.#select = database.prepare("SELECT sha256, bytes, created_at_ms FROM cache WHERE key = ?");
    this.#insert = database.prepare(
      "INSERT OR REPLACE INTO cache (key, task_name, sha256, size_bytes, created_at_ms, bytes) " +
        "VALUES (?, ?, ?, ?, ?, ?)",
    );
    this.#delete = database.prepare("DELETE FROM cache WHERE key = ?");
  }

  /** The result that was stored under a key, if there is one and its bytes are what they were. */
  find(key: string): KeptResult | undefined {
    const row = this.#select.get(key) as CacheRow | undefined;
    if (row === undefined) return undefined;
    const bytes = row.bytes ?? this.#readFile(key);
    if (bytes === undefined || sha256Hex(bytes) !== row.sha256) return undefined;
    return { bytes, sha256: row.sha256, createdAtMs: row.created_at_ms };
  }

  /** Makes a result ready to be stored: a large one is on disk, synced, when this resolves.
   * @returns queues the result for the writer's next transaction, so that it and the state which says that it exists
   * are stored together */
  async prepare(
    key: string,
    taskName: string,
    result: CachedResult,
    nowMs: number,
  ): Promise<() => void> {
    const { bytes, sha256 } = result;
    const isInline = bytes.length <= INLINE_LIMIT_BYTES;
    if (!isInline) await writeFileAtomic(this.#filePath(key), bytes);
    return () => {
      this.#writer.write(() => {
        this.#insert.run(key, taskName, sha256, bytes.length, nowMs, isInline ? bytes : null);
      });
    };
  }

  /** Forgets the oldest results until at most `keepBytes` are left.
   * @returns how many were forgotten */
  prune(keepBytes: number): number {
    const forgotten = this.#writer.transact(() => {
      const rows = this.#database.prepare(
        "SELECT key FROM (SELECT key, sum(size_bytes) OVER (ORDER BY id DESC) AS newer_bytes " +
          "FROM cache) WHERE newer_bytes > ?",
      ).all(keepBytes) as { key: string }[];
      for (const { key } of rows) this.#delete.run(key);
      return rows;
    });
    for (const { key } of forgotten) removeIfThere(this.#filePath(key));
    return forgotten.length;
  }

  #readFile(key: string): Uint8Array | undefined {
    return readBytesIfThere(this.#filePath(key));
  }

  #filePath(key: string): string {
    return join(this.#folder, `${key}.bin`);
  }
}
