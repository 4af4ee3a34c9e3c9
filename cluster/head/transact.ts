import type { DatabaseSync } from "node:sqlite";

/** Does work of which all is written, or nothing; may be used within itself.
 * @throws whatever the work throws, after all that it wrote was taken back */
export function transact<R>(database: DatabaseSync, work: () => R): R {
  // A savepoint outside of any transaction begins one.
  database.exec("SAVEPOINT work");
  try {
    const result = work();
    database.exec("RELEASE work");
    return result;
  } catch (error) {
    // SQLite may have taken all back by itself.
    if (database.isTransaction) database.exec("ROLLBACK TO work; RELEASE work");
    throw error;
  }
}
