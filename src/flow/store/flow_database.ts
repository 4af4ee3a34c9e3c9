import { DatabaseSync } from "node:sqlite";
import { dirname } from "@std/path";
import { UserError } from "../../base/errors.ts";
import { FLOW_SCHEMA, SCHEMA_VERSION } from "./flow_schema.ts";

/** How long a statement waits for another process's transaction, which lasts milliseconds. */
const BUSY_TIMEOUT_MS = 10_000;

/** Pages of 4 KiB that the write-ahead log grows to before it is worked in: each time costs two syncs of the disk. */
const CHECKPOINT_PAGES = 8192;

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
    throw new UserError(
      "flow/bad-store",
      `Cannot open ${path} as a flow store: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
}

/** Opens a flow store for reading alone.
 * @throws {UserError} when there is none, or the file is one of another schema version */
export function openFlowDatabaseForReading(path: string): DatabaseSync {
  try {
    const database = new DatabaseSync(path, { readOnly: true });
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    requireVersion(readSchemaVersion(database), path);
    return database;
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      "flow/bad-store",
      `Cannot read the flow store ${path}: ${(error as Error).message}`,
      {
        hint: "A run of a flow makes it; --store names another one.",
        cause: error,
      },
    );
  }
}

function createSchema(database: DatabaseSync, path: string): void {
  // Immediate: of two processes that find an empty file, the second has to see the first one's tables.
  database.exec("BEGIN IMMEDIATE");
  try {
    const version = readSchemaVersion(database);
    if (version === 0) {
      database.exec(FLOW_SCHEMA);
      database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    } else {
      requireVersion(version, path);
    }
    database.exec("COMMIT");
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}

function requireVersion(version: number, path: string): void {
  if (version === SCHEMA_VERSION) return;
  throw new UserError(
    "flow/other-version",
    `Cannot open the flow store ${path}: its schema version is ${version}, ` +
      `this Tradewind knows ${SCHEMA_VERSION}`,
    { hint: "Use the Tradewind that wrote it, or give another path." },
  );
}

function readSchemaVersion(database: DatabaseSync): number {
  const row = database.prepare("PRAGMA user_version").get() as { user_version: number };
  return row.user_version;
}
