import { DatabaseSync } from "node:sqlite";
import { dirname } from "@std/path";
import { UserError } from "../base/errors.ts";

const SCHEMA_VERSION = 1;

/** How long a statement waits for another process's transaction, which lasts milliseconds. */
const BUSY_TIMEOUT_MS = 10_000;

/** Pages of 4 KiB that the write-ahead log grows to before it is worked in: each time costs two syncs of the disk. */
const CHECKPOINT_PAGES = 8192;

const SCHEMA = `
  CREATE TABLE flow_runs (
    id INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL UNIQUE,
    flow_name TEXT NOT NULL,
    parameters TEXT NOT NULL,
    state TEXT NOT NULL,
    execution INTEGER NOT NULL,
    owner_pid INTEGER NOT NULL,
    created_at_ms REAL NOT NULL,
    updated_at_ms REAL NOT NULL
  );
  CREATE INDEX flow_runs_by_name ON flow_runs (flow_name, id);
  CREATE TABLE task_runs (
    flow_run INTEGER NOT NULL REFERENCES flow_runs (id),
    seq INTEGER NOT NULL,
    execution INTEGER NOT NULL,
    task_name TEXT NOT NULL,
    arguments TEXT NOT NULL,
    cache_key TEXT,
    state TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    updated_at_ms REAL NOT NULL,
    PRIMARY KEY (flow_run, seq)
  ) WITHOUT ROWID;
  CREATE TABLE transitions (
    flow_run INTEGER NOT NULL REFERENCES flow_runs (id),
    n INTEGER NOT NULL,
    task_seq INTEGER, -- NULL: the flow run's own
    at_ms REAL NOT NULL,
    from_state TEXT, -- NULL: the run was made
    to_state TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (flow_run, n)
  ) WITHOUT ROWID;
  CREATE TABLE cache (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    task_name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    created_at_ms REAL NOT NULL,
    bytes BLOB -- NULL: in a file of its own
  );
  CREATE INDEX cache_by_age ON cache (id, key, size_bytes);
`;

/** Opens the SQLite file of a flow store, made with its folder and tables when it is new. A commit survives the death
 * of the process; a power failure can take the last few with it, never the file's integrity.
 * @throws {UserError} when the file is no flow store, or one of another schema version */
export function openFlowDatabase(path: string): DatabaseSync {
  Deno.mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path);
  try {
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    database.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    createSchema(database, path);
    return database;
  } catch (error) {
    database.close();
    if (error instanceof UserError) throw error;
    throw new UserError(`Cannot open ${path} as a flow store: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function createSchema(database: DatabaseSync, path: string): void {
  // Immediate: of two processes that find an empty file, the second has to see the first one's tables.
  database.exec("BEGIN IMMEDIATE");
  try {
    const version = readSchemaVersion(database);
    if (version === 0) {
      database.exec(SCHEMA);
      database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    } else if (version !== SCHEMA_VERSION) {
      throw new UserError(
        `Cannot open the flow store ${path}: its schema version is ${version}, ` +
          `this Tradewind knows ${SCHEMA_VERSION}`,
        { hint: "Use the Tradewind that wrote it, or give another path." },
      );
    }
    database.exec("COMMIT");
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}

function readSchemaVersion(database: DatabaseSync): number {
  const row = database.prepare("PRAGMA user_version").get() as { user_version: number };
  return row.user_version;
}
